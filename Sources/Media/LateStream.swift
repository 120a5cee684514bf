/// The picture begins farther on than was looked at when the file was opened: it is to be opened again.
struct LateStream: Error {
    /// Bytes from the beginning of the file.
    var place: Int64

    /// What is read of a stream to know what it is.
    private static let look: Int64 = 4 << 20
    /// Packets wait in memory meanwhile.
    private static let most: Int64 = 256 << 20

    var reach: Int64 { min(place, Self.most) + Self.look }
}
