/// The properties of an output. Named in the configuration; `web` is built in.
public struct Profile: WireCodable, Equatable {
    public var name = "web"
    public var video = VideoProfile()
    public var audio = AudioProfile()
    public var poster = PosterProfile()
    public var limits = MediaLimits()
    /// The share of the duration in the header that must decode, 0...1. At 0, one frame or one audio packet is enough.
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

/// A JPEG.
public struct PosterProfile: WireCodable, Equatable {
    /// Pixels of the longer side.
    public var maxSide = 1280
    /// JPEG quantiser, 2 (best) ... 31.
    public var quantiser = 3
    /// Seconds into the video; nil picks the best frame.
    public var at: Double?

    public init() {}

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&maxSide)
        try wire.code(&quantiser)
        try wire.code(&at)
    }
}

/// Limits for a file. Each limit has its own failure code.
public struct MediaLimits: WireCodable, Equatable {
    /// Pixels of one side of a decoded frame.
    public var side = 8192
    /// Pixels of one decoded frame.
    public var pixels = 36_000_000
    /// Seconds that decode (not those in the header).
    public var duration = 14_400.0
    public var frames = 1_000_000
    public var streams = 64
    /// Bytes.
    public var inputSize = 64 << 30
    public var outputSize = 4_294_967_295
    /// Bytes of memory of a media process; the limit derived from the file is usually lower.
    public var memory = 4 << 30
    /// Seconds of work allowed per second of media.
    public var timeFactor = 60.0
    /// Seconds of work that any file may take, however short.
    public var timeFloor = 600.0
    /// Seconds of work that no file may exceed, whatever its duration.
    public var time = 43_200.0

    public init() {}

    /// The lower of each pair.
    public func capped(by other: MediaLimits) -> MediaLimits {
        var limits = MediaLimits()
        limits.side = min(side, other.side)
        limits.pixels = min(pixels, other.pixels)
        limits.duration = min(duration, other.duration)
        limits.frames = min(frames, other.frames)
        limits.streams = min(streams, other.streams)
        limits.inputSize = min(inputSize, other.inputSize)
        limits.outputSize = min(outputSize, other.outputSize)
        limits.memory = min(memory, other.memory)
        limits.timeFactor = min(timeFactor, other.timeFactor)
        limits.timeFloor = min(timeFloor, other.timeFloor)
        limits.time = min(time, other.time)
        return limits
    }

    public mutating func code(_ wire: inout WireCoder) throws(WireError) {
        try wire.code(&side)
        try wire.code(&pixels)
        try wire.code(&duration)
        try wire.code(&frames)
        try wire.code(&streams)
        try wire.code(&inputSize)
        try wire.code(&outputSize)
        try wire.code(&memory)
        try wire.code(&timeFactor)
        try wire.code(&timeFloor)
        try wire.code(&time)
    }
}
