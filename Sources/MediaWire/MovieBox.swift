/// One box of an MP4 or MOV (ISO/IEC 14496-12, 4.2): its type, and where it lies in its file.
package struct MovieBox: Sendable, Equatable {
    /// Four characters; bytes that are no UTF-8 become U+FFFD.
    package let type: String
    /// The offsets of its content, after its header.
    package let content: Range<Int64>
    /// Its size is 0: to the end of what it is in. Only while a file is being written.
    package let isOpenEnded: Bool

    /// The size of the shortest header.
    static let leastHeader: Int64 = 8

    /// Nil if these bytes are no header, or of a box that does not fit.
    ///
    /// - Parameters:
    ///   - bytes: as many as there are, up to 16.
    ///   - start: their offset.
    ///   - end: where what it is in ends.
    init?(header bytes: [UInt8], at start: Int64, before end: Int64) {
        guard bytes.count >= 8, end >= start else { return nil }
        let short = BoxSource.number(bytes[..<4])
        var (size, header) = (short, Self.leastHeader)
        isOpenEnded = short == 0
        if short == 0 { size = UInt64(end - start) }
        if short == 1 {
            guard bytes.count >= 16 else { return nil }
            (size, header) = (BoxSource.number(bytes[8..<16]), 16)
        }
        guard size >= UInt64(header), size <= UInt64(end - start) else { return nil }
        type = String(decoding: bytes[4..<8], as: UTF8.self)
        content = start + header..<start + Int64(size)
    }

    /// The content without its first bytes, which are fields.
    package func content(after fields: Int64) -> Range<Int64> {
        content.lowerBound + min(max(0, fields), content.upperBound - content.lowerBound)..<content.upperBound
    }
}
