/// The way of one stream from its packets to the output. Lanes know the muxer, and nothing of each other.
protocol Lane: AnyObject {
    var streamIndex: Int { get }
    /// Frames that were decoded, and that were given to the encoder.
    var frames: Int { get }
    var encoded: Int { get }
    /// Packets and frames that could not be decoded.
    var damaged: Int { get }
    /// Microseconds of the output's clock that are decoded.
    var done: Int64 { get }
    /// The best of the pictures so far; nil for sound.
    var bestPicture: Frame? { get }
    /// False where a better one may be found by looking at more than went by.
    var isBestPictureGood: Bool { get }

    func feed(_ packet: Packet) throws
    /// No packet will follow: everything that is held back comes out.
    func finish() throws
}

extension Lane {
    var isBestPictureGood: Bool { true }
}
