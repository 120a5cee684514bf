/// What ended an attempt. Each case has its code here, and its sentence in each language's file.
///
/// A new failure: a case, its code, a sentence a language, and if the media program reports it, a line in `VerdictCoding`.
public enum Failure: Sendable, Equatable {
    // The file is not what a site plays.
    case emptyFile
    case notMedia
    case text
    case image
    case animatedWebP
    case playlist
    case flashProgram
    /// FFmpeg's name of the format.
    case unsupportedFormat(String)
    case encrypted
    case noAudio
    case noAudioOrVideo

    // It is damaged.
    case indexMissing
    case damagedHeader
    case damagedClock
    case unreadable
    case unreadableTrack(Remark.Part, codec: String)
    case undecodable
    case undecodableVideo
    case undecodableTracks(codecs: String)
    case mostlyUndecodable(percent: Int)
    case noDuration
    case notConvertible

    // It uses what is not supported.
    case unsupportedCodec(String)
    case dolbyVision5
    /// The matrix by ITU-T H.273.
    case unsupportedColours(matrix: Int)
    case playbackSpeed
    case unstrippableContainer(String)
    case unstrippableCodec

    // It exceeds a limit.
    case tooLong(minutes: Int)
    case tooLarge(bytes: Int)
    case tooManyPixels(width: Int, height: Int, side: Int, megapixels: Int)
    case tooManyFrames(Int)
    case tooManyTracks(allowed: Int)
    case resultTooLarge
    case resultLargerThanPlanned
    case tooMuchMemory
    case tooMuchTime(minutes: Int)
    case tooMuchProcessorTime

    // The media program failed on it.
    case verification
    case crash(signal: String)
    case noResult
    case standstill(seconds: Int)
    case forbiddenAction
    case protocolViolation
    case unexpected

    // The upload is not there, or not as it was.
    case missing
    case notRegular
    case outsideStorage
    case changed
    case cancelled

    // The machine failed: the file is not at fault.
    case diskFull
    /// In bytes.
    case noRoom(need: Int64, free: Int64, reserve: Int64, promised: Int64)
    case diskError
    case storageUnavailable
    case sourceInaccessible
    case foldersMissing(paths: String)
    case machineOutOfMemory
    case noThreads
    case ffmpegTooOld(String)
    case ffmpegLacks(String)
    case programUnusable
    case programKilled
    case databaseUnreachable
    case drained
    case takenOver
    case interrupted(times: Int)
}

extension Failure {
    public var code: Verdict.Code {
        switch self {
        case .emptyFile: .empty
        case .notMedia, .text: .notMedia
        case .image, .playlist, .flashProgram, .unsupportedFormat, .playbackSpeed: .forbiddenFormat
        case .encrypted: .encrypted
        case .noAudio, .noAudioOrVideo: .noAudioVideo
        case .indexMissing: .truncated
        case .damagedHeader, .damagedClock, .unreadable, .unreadableTrack, .undecodable, .undecodableVideo, .undecodableTracks,
            .mostlyUndecodable, .noDuration, .notConvertible:
            .damaged
        case .animatedWebP, .unsupportedCodec, .dolbyVision5, .unsupportedColours, .unstrippableContainer, .unstrippableCodec:
            .unsupportedCodec
        case .tooLong: .overDuration
        case .tooLarge: .overInputSize
        case .tooManyPixels: .overPixels
        case .tooManyFrames: .overFrames
        case .tooManyTracks: .overStreams
        case .resultTooLarge, .resultLargerThanPlanned: .overOutputSize
        case .tooMuchMemory: .memoryLimit
        case .tooMuchTime, .tooMuchProcessorTime: .timeLimit
        case .verification: .verifyFailed
        case .crash, .noResult: .crashed
        case .standstill: .stalled
        case .forbiddenAction: .forbiddenCall
        case .protocolViolation: .protocolError
        case .unexpected: .internalError
        case .missing: .sourceMissing
        case .notRegular, .outsideStorage: .sourceNotRegular
        case .changed: .sourceChanged
        case .cancelled: .cancelled
        case .diskFull: .diskFull
        case .noRoom: .noRoom
        case .diskError: .io
        case .storageUnavailable, .sourceInaccessible, .foldersMissing, .noThreads, .ffmpegTooOld, .ffmpegLacks, .programUnusable,
            .programKilled:
            .hostFault
        case .machineOutOfMemory: .outOfMemory
        case .databaseUnreachable: .databaseGone
        case .drained: .drained
        case .takenOver, .interrupted: .lost
        }
    }
}
