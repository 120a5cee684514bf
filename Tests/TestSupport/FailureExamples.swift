package import Verdicts

extension Failure {
    /// One of each case.
    package static let examples: [Failure] = [
        .emptyFile, .notMedia, .text, .image, .animatedWebP, .playlist, .flashProgram, .unsupportedFormat("tty"), .encrypted,
        .noAudio, .noAudioOrVideo,
        .indexMissing, .damagedHeader, .damagedClock, .unreadable, .unreadableTrack(.sound, codec: "aac"), .undecodable,
        .undecodableVideo, .undecodableTracks(codecs: "h264, aac"), .mostlyUndecodable(percent: 12), .noDuration, .notConvertible,
        .unsupportedCodec("xHE-AAC"), .dolbyVision5, .unsupportedColours(matrix: 14), .playbackSpeed,
        .unstrippableContainer("avi"), .unstrippableCodec,
        .tooLong(minutes: 240), .tooLarge(bytes: 5_000_000_000), .tooManyPixels(width: 20_000, height: 20_000, side: 16_384, megapixels: 128),
        .tooManyFrames(2_000_000), .tooManyTracks(allowed: 64), .resultTooLarge, .resultLargerThanPlanned, .tooMuchMemory,
        .tooMuchTime(minutes: 90), .tooMuchProcessorTime,
        .verification, .crash(signal: "SIGSEGV"), .noResult, .standstill(seconds: 300), .forbiddenAction, .protocolViolation, .unexpected,
        .missing, .notRegular, .outsideStorage, .changed, .cancelled,
        .diskFull, .noRoom(need: 5_000_000, free: 10_000_000, reserve: 1 << 30, promised: 12_000_000_000), .diskError,
        .storageUnavailable, .sourceInaccessible, .foldersMissing(paths: "/srv/media/videos/202611"), .machineOutOfMemory, .noThreads,
        .ffmpegTooOld("libavcodec 59.18 instead of 59.37"), .ffmpegLacks("the encoder libx264"), .programUnusable, .programKilled,
        .databaseUnreachable, .drained, .takenOver, .interrupted(times: 101),
    ]

    /// One of each code.
    package static func example(_ code: Verdict.Code) -> Failure { examples.first { $0.code == code } ?? .unexpected }
}

extension Remark {
    /// One of each case.
    package static let examples: [Remark] = [
        .cutShort(converted: 12_340_000, promised: .max), .unsupported(.sound, codec: "xHE-AAC"), .undecodable(.picture, codec: "mpeg4"),
        .replaced(.sound, codec: ""), .leftOutFrom(.picture, codec: "hevc", time: 6_000_000), .joined(time: -5), .earlier("as before"),
    ]
}
