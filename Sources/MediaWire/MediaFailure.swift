/// Why a child failed.
public struct MediaFailure: WireCodable, Error, Equatable {
    public enum Code: UInt8, Sendable, CaseIterable {
        /// Empty file.
        case empty
        /// No allowed demuxer recognises it.
        case notMedia
        /// An image, a playlist, a script: recognised, and refused.
        case forbiddenFormat
        case encrypted
        /// Media without video or audio.
        case noAudioVideo
        /// Its index or its beginning is missing.
        case truncated
        /// Nothing decodes.
        case damaged
        case unsupportedCodec
        case overDuration
        case overPixels
        case overFrames
        case overStreams
        case overInputSize
        case overOutputSize
        /// The output failed verification.
        case verifyFailed
        case outOfMemory
        /// A limit of the job was exceeded.
        case memoryLimit
        case diskFull
        case io
        /// This machine's FFmpeg is too old, or lacks something that a job needs.
        case hostFault
        /// A bug in the child, or in one of its libraries.
        case internalError
    }

    public var code = Code.internalError
    /// One sentence for the uploader, at most 255 characters.
    public var reason = ""
    /// For the log: the failing call, FFmpeg's error and its last lines.
    public var detail = ""

    public init() {}

    public init(_ code: Code, _ reason: String, detail: String = "") {
        self.code = code
        self.reason = String(reason.prefix(255))
        self.detail = PlainText.tail(detail, bytes: 8192)
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&code)
        try wire.code(&reason)
        try wire.code(lines: &detail)
    }
}
