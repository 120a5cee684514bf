/// The properties of an output. Named in the configuration; `web` is built in.
public struct Profile: WireCodable, Equatable {
    public var name = "web"
    public var video = VideoProfile()
    public var audio = AudioProfile()
    public var poster = PosterProfile()
    public var limits = MediaLimits()
    /// The share of the promised duration (`PromisedDuration`) that must decode, 0...1. At 0, one frame or one audio packet is enough.
    public var minimumShare = 0.0
    public var verify = Verification.quick

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&name)
        try wire.code(&video)
        try wire.code(&audio)
        try wire.code(&poster)
        try wire.code(&limits)
        try wire.code(&minimumShare)
        try wire.code(&verify)
    }
}

public enum Verification: UInt8, Sendable, CaseIterable {
    /// Decodes the start, the middle and the end of the output.
    case quick
    /// Decodes all of it.
    case full
}

/// H.264 in MP4, yuv420p, BT.709.
public struct VideoProfile: WireCodable, Equatable {
    /// x264's preset and constant rate factor.
    public var preset = "veryfast"
    public var crf = 22.5
    /// Options beside the preset, in x264's syntax: the best quality for the time, by `make bench-quality`.
    public var x264Parameters: String {
        switch preset {
        // These presets exist to leave such things out.
        case "ultrafast", "superfast": ""
        case "veryfast": "aq-mode=2:trellis=1:rc-lookahead=20"
        default: "aq-mode=2"
        }
    }
    /// Pixels of the longer side; a smaller video is never enlarged.
    public var maxSide = 1920
    public var maxFrameRate = 60.0
    /// Seconds between keyframes; groups of pictures are closed.
    public var keyframeInterval = 2.0
    /// Peak bits per pixel and frame: a limit so that mobile players do not stall.
    public var peakBitsPerPixel = 0.16
    /// The background of transparent pixels, RRGGBB.
    public var background = "FFFFFF"

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&preset)
        try wire.code(&crf)
        try wire.code(&maxSide)
        try wire.code(&maxFrameRate)
        try wire.code(&keyframeInterval)
        try wire.code(&peakBitsPerPixel)
        try wire.code(&background)
    }
}

/// AAC-LC, mono or stereo.
public struct AudioProfile: WireCodable, Equatable {
    /// Bits per second and channel.
    public var bitratePerChannel = 80_000
    public var maxChannels = 2
    /// Above this bitrate (bits per second, all channels), audio is encoded instead of copied.
    public var maxCopyBitrate = 384_000
    public var loudness = Loudness.auto
    /// LUFS, EBU R128.
    public var loudnessTarget = -16.0

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&bitratePerChannel)
        try wire.code(&maxChannels)
        try wire.code(&maxCopyBitrate)
        try wire.code(&loudness)
        try wire.code(&loudnessTarget)
    }
}

public enum Loudness: UInt8, Sendable, CaseIterable {
    /// Measured and normalised if the audio is encoded anyway.
    case auto
    /// Encoded for this even if it could be copied.
    case always
    case off
}
