/// Why a try failed: a stable code for programs, a sentence for the person who uploaded, the story for the log.
public struct Verdict: Sendable, Equatable, Error {
    /// Stable: stored in the job's row, printed by `--json`.
    public enum Code: String, CaseIterable, Sendable {
        // Permanent: another try would end the same way.
        case empty
        case notMedia = "not-media"
        case forbiddenFormat = "forbidden-format"
        case encrypted
        case noAudioVideo = "no-audio-video"
        case truncated
        case damaged
        case unsupportedCodec = "unsupported-codec"
        case overDuration = "over-duration"
        case overPixels = "over-pixels"
        case overFrames = "over-frames"
        case overStreams = "over-streams"
        case overInputSize = "over-input-size"
        case overOutputSize = "over-output-size"
        /// A symbolic link, a folder, a device.
        case sourceNotRegular = "source-not-regular"
        /// The output did not read back as it should.
        case verifyFailed = "verify-failed"
        case cancelled

        // Transient: it may well work later.
        /// Looked for once more, after a wait; then it is final.
        case sourceMissing = "source-missing"
        case crashed
        case stalled
        /// It asked the kernel for what no honest work needs.
        case forbiddenCall = "forbidden-call"
        case timeLimit = "time-limit"
        case memoryLimit = "memory-limit"
        case outOfMemory = "out-of-memory"
        case diskFull = "disk-full"
        /// The disk has not the room that the work needs: nothing was begun, or what was begun was stopped in time.
        case noRoom = "no-room"
        case io
        /// The worker's machine is at fault — storage that is away or closed to us, a child that cannot be started: says
        /// nothing about the file.
        case hostFault = "host-fault"
        /// The source was written to while it was read.
        case sourceChanged = "source-changed"
        case databaseGone = "database-gone"
        case protocolError = "protocol-error"
        case internalError = "internal-error"
        /// The daemon was told to stop.
        case drained
        /// The daemon died, or lost its lease, once too often with this job in hand.
        case lost
    }

    public var code: Code
    /// One sentence for people, at most `reasonLimit` characters.
    public private(set) var reason: String
    /// For the log and the job's row.
    public var detail: String

    public init(_ code: Code, _ reason: String, detail: String = "") {
        self.code = code
        self.reason = Self.cut(reason)
        self.detail = detail
    }

    public var isTransient: Bool { code.isTransient }

    /// What `files.transcoding_reason` holds, in characters as a database counts them.
    public static let reasonLimit = 255

    /// Cuts to `reasonLimit` Unicode scalars, never inside what a person sees as one character: MariaDB and PostgreSQL
    /// count scalars, and answer a longer text with an error.
    public static func cut(_ text: String) -> String {
        if text.unicodeScalars.count <= reasonLimit { return text }
        var kept = ""
        var room = reasonLimit - 1
        for character in text {
            room -= character.unicodeScalars.count
            if room < 0 { break }
            kept.append(character)
        }
        return kept + "…"
    }
}

extension Verdict.Code {
    public var isTransient: Bool {
        switch self {
        case .empty, .notMedia, .forbiddenFormat, .encrypted, .noAudioVideo, .truncated, .damaged, .unsupportedCodec,
            .overDuration, .overPixels, .overFrames, .overStreams, .overInputSize, .overOutputSize, .sourceNotRegular,
            .verifyFailed, .cancelled, .lost:
            false
        case .sourceMissing, .crashed, .stalled, .forbiddenCall, .timeLimit, .memoryLimit, .outOfMemory, .diskFull, .noRoom, .io, .hostFault,
            .sourceChanged, .databaseGone, .protocolError, .internalError, .drained:
            true
        }
    }

    /// Whether this befell the child in the middle of the file's work: the next try is made with safer settings, and is
    /// the last.
    public var isFault: Bool {
        switch self {
        case .crashed, .stalled, .forbiddenCall, .timeLimit, .memoryLimit, .protocolError, .internalError: true
        default: false
        }
    }

    /// Whether a failure with this code uses up one of the file's tries. What befell the daemon, and not the job, does not.
    public var countsAsTry: Bool {
        switch self {
        case .drained, .databaseGone, .hostFault, .outOfMemory, .sourceMissing, .lost, .noRoom: false
        default: true
        }
    }
}
