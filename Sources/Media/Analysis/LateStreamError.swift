/// The video starts beyond the range read at opening: the file must be opened again.
struct LateStreamError: Error {
    /// Bytes from the beginning of the file.
    var place: Int64

    /// Bytes to read of a stream to identify it.
    private static let look: Int64 = 4 << 20
    /// Packets wait in memory meanwhile.
    private static let most: Int64 = 256 << 20

    var reach: Int64 { min(place, Self.most) + Self.look }
}
