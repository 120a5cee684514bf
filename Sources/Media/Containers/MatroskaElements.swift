/// The chain of a Matroska file's elements (RFC 8794), as far as needed to tell whether the file is complete. Unknown
/// sizes, as in live recordings, promise nothing.
struct MatroskaElements {
    /// The file size according to its elements: larger than the actual size if the last exceeds the end. If the chain
    /// is broken before the end of the segment, a size that represents the share of existing data.
    let end: Int64?

    /// No real file has more on these levels.
    private static let most = 1_000_000
    private static let (segment, cluster): (UInt32, UInt32) = (0x1853_8067, 0x1F43_B675)

    init(_ stream: ByteStream) {
        let size = stream.size
        var position: Int64 = 0
        var promised: Int64?
        for _ in 0..<Self.most where position < min(size, promised ?? size) {
            guard let element = Self.element(stream.peek(12, at: position)) else { break }
            let body = position + element.header
            // These are entered; all others are skipped.
            if element.id == Self.segment {
                if let length = element.length { promised = body + length }
                position = body
            } else if element.id == Self.cluster, element.length == nil {
                position = body
            } else if let length = element.length, length <= Int64.max / 4 {
                position = body + length
            } else {
                break
            }
        }
        if position < min(size, promised ?? size) {
            // The same share of the existing bytes, not counting those after the break.
            end = position > 0 ? Int64(Double(size) / Double(position) * Double(size)) : nil
        } else {
            end = promised.map { max($0, position) } ?? position
        }
    }

    /// Nil: no element starts like this.
    private static func element(_ bytes: [UInt8]) -> (id: UInt32, length: Int64?, header: Int64)? {
        guard let first = bytes.first, first >= 0x10 else { return nil }
        let idLength = first.leadingZeroBitCount + 1
        guard bytes.count > idLength, bytes[idLength] > 0 else { return nil }
        let sizeLength = bytes[idLength].leadingZeroBitCount + 1
        guard bytes.count >= idLength + sizeLength else { return nil }
        let id = bytes[0..<idLength].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let raw = bytes[idLength..<idLength + sizeLength].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let value = raw & ((1 << UInt64(7 * sizeLength)) - 1)
        let isKnown = value != (1 << UInt64(7 * sizeLength)) - 1
        return (id, isKnown ? Int64(value) : nil, Int64(idLength + sizeLength))
    }
}
