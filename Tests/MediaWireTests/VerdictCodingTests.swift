import MediaWire
import Testing
import Verdicts

@Suite struct VerdictCodingTests {
    @Test(arguments: [
        // All that the child reports.
        Failure.emptyFile, .notMedia, .text, .image, .animatedWebP, .playlist, .flashProgram, .encrypted, .noAudio, .noAudioOrVideo,
        .indexMissing, .damagedHeader, .damagedClock, .unreadable, .undecodable, .undecodableVideo, .noDuration, .notConvertible,
        .dolbyVision5, .playbackSpeed, .unstrippableCodec, .resultTooLarge, .tooMuchMemory, .verification, .unexpected, .diskFull,
        .diskError, .machineOutOfMemory, .noThreads, .unsupportedFormat("tty"), .unreadableTrack(.sound, codec: "aac"),
        .undecodableTracks(codecs: "h264, aac"), .mostlyUndecodable(percent: 12), .unsupportedCodec("x"), .unsupportedColours(matrix: 14),
        .unstrippableContainer("avi"), .tooLong(minutes: 240), .tooLarge(bytes: .max),
        .tooManyPixels(width: 1, height: 2, side: 3, megapixels: 4), .tooManyFrames(5), .tooManyTracks(allowed: 6),
        .ffmpegTooOld("a"), .ffmpegLacks("b"),
    ])
    func whatAMediaProgramReportsComesBackWhole(_ failure: Failure) throws {
        let verdict = Verdict(failure, detail: "one\ntwo")
        #expect(try WireCoder.decode(Verdict.self, from: WireCoder.encode(verdict)) == verdict)
    }

    /// Not the database, the storage or the queue: a child knows nothing of them, whoever took it over.
    @Test(arguments: [Failure.databaseUnreachable, .drained, .missing, .storageUnavailable, .noRoom(need: 1, free: 1, reserve: 1, promised: 1)])
    func whatItCannotKnowIsNotItsToReport(_ failure: Failure) throws {
        let verdict = try WireCoder.decode(Verdict.self, from: WireCoder.encode(Verdict(failure, detail: "why")))
        #expect(verdict.failure == .unexpected && verdict.detail == "\(failure.sentence(in: .english))\nwhy")
    }

    @Test func unknownTagsAreRefused() {
        for tag: UInt8 in [60, 99, 130, 255] {
            #expect(throws: WireError.unknownValue(tag)) { try WireCoder.decode(Failure.self, from: [tag] + Array(repeating: 0, count: 41)) }
        }
    }
}
