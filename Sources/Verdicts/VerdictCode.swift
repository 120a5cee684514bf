extension Verdict {
    /// Stable: stored in the job's row, printed by `--json`.
    public enum Code: String, CaseIterable, Sendable {
        // Permanent: another attempt would fail the same way.
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
        /// The output failed verification.
        case verifyFailed = "verify-failed"
        case cancelled

        // Transient: a later attempt may succeed.
        /// Looked for once more after a wait; then it is final.
        case sourceMissing = "source-missing"
        case crashed
        case stalled
        /// It made a system call that no legitimate work needs.
        case forbiddenCall = "forbidden-call"
        case timeLimit = "time-limit"
        case memoryLimit = "memory-limit"
        case outOfMemory = "out-of-memory"
        case diskFull = "disk-full"
        /// Not enough disk space: the job did not start, or was stopped in time.
        case noRoom = "no-room"
        case io
        /// The worker's machine is at fault (storage unavailable or not accessible, a child that cannot be started): says
        /// nothing about the file.
        case hostFault = "host-fault"
        /// The source was modified while it was read.
        case sourceChanged = "source-changed"
        case databaseGone = "database-gone"
        case protocolError = "protocol-error"
        case internalError = "internal-error"
        /// The daemon was stopped.
        case drained
        /// The daemon died, or lost its lease, too many times during this job.
        case lost
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

    /// Whether the child failed in the middle of the file's work: the next attempt uses safer settings, and is
    /// the last.
    public var isFault: Bool {
        switch self {
        case .crashed, .stalled, .forbiddenCall, .timeLimit, .memoryLimit, .protocolError, .internalError: true
        default: false
        }
    }

    /// Whether a failure with this code counts as one of the file's attempts. Failures of the daemon itself do not.
    public var countsAsTry: Bool {
        switch self {
        case .drained, .databaseGone, .hostFault, .outOfMemory, .sourceMissing, .lost, .noRoom: false
        default: true
        }
    }
}
