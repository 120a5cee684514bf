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
