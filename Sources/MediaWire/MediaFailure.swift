/// Why a child could not do its job.
public struct MediaFailure: WireCodable, Error, Equatable {
    public enum Code: UInt8, Sendable, CaseIterable {
        /// Empty file.
        case empty
        /// No allowed demuxer knows it.
        case notMedia
        /// A picture, a playlist, a script: known, and refused.
        case forbiddenFormat
        case encrypted
        /// Media, but nothing to see or hear in it.
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
        /// The output did not read back as it should.
        case verifyFailed
        case outOfMemory
        /// More than the job was allowed.
        case memoryLimit
        case diskFull
        case io
        /// This machine's FFmpeg is too old, or lacks what every job may need.
        case hostFault
        /// The child's own mistake, or one of its libraries'.
        case internalError
    }

    public var code = Code.internalError
    /// One sentence for the person who uploaded, at most 255 characters.
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
