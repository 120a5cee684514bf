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
