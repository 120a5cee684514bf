/// The queue sizes between stages. Small: a queue only evens out frames that take longer than others, and
/// its content costs memory.
enum QueueCapacity {
    /// Decoded frames; one in 4K has 12 MB.
    static let frames = 2
    /// Bytes of encoded video.
    static let pictures = 2 << 20
    /// Bytes of a sample that is decoded in parallel: most fit completely, so that the rest continues.
    static let samples = 16 << 20
    /// Bytes of encoded audio: minutes of it, so that video does not wait during the loudness measurement.
    static let sound = 16 << 20
    /// Packets on their way to the muxer.
    static let coded = 64
}
