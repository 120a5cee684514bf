/// How many bytes a file has by its own header, where FFmpeg passes over that: a file that is shorter was cut.
enum PromisedSize {
    /// Nil where the header does not say.
    static func of(_ stream: ByteStream) -> Int64? {
        let header = stream.peek(4096)
        guard header.count >= 64 else { return nil }
        switch Array(header[0..<4]) {
        case Array("RIFF".utf8):
            // Recorders that cannot go back write 0 or the largest number.
            let size = littleEndian(header[4..<8])
            return (1...0x7FFF_FFFF).contains(size) ? size + 8 : nil
        case Array("FORM".utf8):
            let size = littleEndian(header[4..<8].reversed())
            return size > 0 ? size + 8 : nil
        case asfHeader:
            return asfFileSize(header)
        default:
            return nil
        }
    }

    /// Advanced Systems Format (revision 01.20), 3.1 and 3.2: the header object's and the file properties object's GUID.
    private static let asfHeader: [UInt8] = [0x30, 0x26, 0xB2, 0x75]
    private static let fileProperties: [UInt8] = [0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11]

    /// Behind the GUID come the object's size (8 bytes), the file's id (16) and the file's size (8).
    private static func asfFileSize(_ header: [UInt8]) -> Int64? {
        let last = header.count - 48
        guard let start = (0..<max(0, last)).first(where: { Array(header[$0..<$0 + 8]) == fileProperties }) else { return nil }
        let size = littleEndian(header[start + 40..<start + 48])
        return size > 0 ? size : nil
    }

    private static func littleEndian(_ bytes: some Collection<UInt8>) -> Int64 {
        Int64(truncatingIfNeeded: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
