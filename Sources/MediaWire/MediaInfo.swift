/// The content of a file, from its headers and first packets.
public struct MediaInfo: WireCodable, Equatable {
    /// FFmpeg's name of the demuxer ("mov,mp4,m4a,3gp,3g2,mj2").
    public var container = ""
    /// Microseconds; nil if the header has none.
    public var duration: Int?
    /// Microseconds.
    public var start = 0
    /// Bytes.
    public var size = 0
    public var streams: [StreamInfo] = []
    public var chapters = 0
    /// Pixels of the largest frame decoded during the analysis: a header may say less. Nil if none was.
    public var decodedPixels: Int?
    /// Names of the container's metadata entries (never their values: they may hold a location).
    public var metadataKeys: [String] = []

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&container)
        try wire.code(&duration)
        try wire.code(&start)
        try wire.code(&size)
        try wire.code(&streams)
        try wire.code(&chapters)
        try wire.code(&decodedPixels)
        try wire.code(&metadataKeys)
    }
}

public struct StreamInfo: WireCodable, Equatable {
    public enum Kind: UInt8, Sendable {
        case video
        case audio
        /// The cover art of an audio file.
        case cover
        case subtitle
        case data
    }

    public var index = 0
    public var kind = Kind.data
    /// FFmpeg's name ("h264"), else the file's own tag ("vvc1"), else "unknown".
    public var codec = ""
    public var profile: String?
    public var isDecodable = false
    public var isDefault = false
    /// A commentary, a dub, a version for people with impaired hearing or sight: not the main track.
    public var isAlternative = false
    public var language: String?
    /// Microseconds.
    public var start: Int?
    public var duration: Int?
    /// Bits per second.
    public var bitrate: Int?

    public var picture: VideoInfo?
    public var sound: AudioInfo?

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&index)
        try wire.code(&kind)
        try wire.code(&codec)
        try wire.code(&profile)
        try wire.code(&isDecodable)
        try wire.code(&isDefault)
        try wire.code(&isAlternative)
        try wire.code(&language)
        try wire.code(&start)
        try wire.code(&duration)
        try wire.code(&bitrate)
        try wire.code(&picture)
        try wire.code(&sound)
    }
}

public struct VideoInfo: WireCodable, Equatable {
    /// Coded pixels, before rotation and pixel aspect ratio.
    public var width = 0
    public var height = 0
    /// The pixel aspect ratio; 1:1 if unknown.
    public var sampleAspectWidth = 1
    public var sampleAspectHeight = 1
    /// The clockwise rotation to display it upright: 0, 90, 180 or 270 degrees; mirroring comes first.
    public var rotation = 0
    public var isMirrored = false
    /// Frames per second; nil if unknown.
    public var frameRate: Double?
    public var pixelFormat = ""
    /// H.264 level times ten, or the codec's own number.
    public var level: Int?
    /// FFmpeg's names; nil if unspecified.
    public var colorPrimaries: String?
    public var colorTransfer: String?
    public var colorMatrix: String?
    public var isFullRange = false
    /// "progressive", "tt", "bb", "tb", "bt"; nil if unknown.
    public var fieldOrder: String?
    public var dolbyVisionProfile: Int?

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&width)
        try wire.code(&height)
        try wire.code(&sampleAspectWidth)
        try wire.code(&sampleAspectHeight)
        try wire.code(&rotation)
        try wire.code(&isMirrored)
        try wire.code(&frameRate)
        try wire.code(&pixelFormat)
        try wire.code(&level)
        try wire.code(&colorPrimaries)
        try wire.code(&colorTransfer)
        try wire.code(&colorMatrix)
        try wire.code(&isFullRange)
        try wire.code(&fieldOrder)
        try wire.code(&dolbyVisionProfile)
    }
}

public struct AudioInfo: WireCodable, Equatable {
    public var sampleRate = 0
    public var channels = 0
    /// FFmpeg's description ("5.1(side)").
    public var layout = ""

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&sampleRate)
        try wire.code(&channels)
        try wire.code(&layout)
    }
}
