internal import MediaWire

/// Reads the fields of a box that is in memory (ISO/IEC 14496-12): big-endian, by offset; nil if the box is too short.
struct BoxReader {
    let bytes: ArraySlice<UInt8>

    var count: Int { bytes.count }

    /// A number with this many bytes, at most 8.
    func number(_ size: Int, at offset: Int) -> UInt64? {
        guard offset >= 0, size <= 8, offset <= bytes.count - size else { return nil }
        var value: UInt64 = 0
        for index in 0..<size { value = value << 8 | UInt64(bytes[bytes.startIndex + offset + index]) }
        return value
    }

    func int32(at offset: Int) -> Int64? { number(4, at: offset).map { Int64(Int32(truncatingIfNeeded: $0)) } }
    func name(at offset: Int) -> String? {
        offset >= 0 && offset <= bytes.count - 4
            ? String(decoding: bytes[bytes.startIndex + offset..<bytes.startIndex + offset + 4], as: UTF8.self) : nil
    }

    /// The data after an offset.
    func from(_ offset: Int) -> BoxReader { BoxReader(bytes: bytes.dropFirst(offset)) }
    func prefix(_ count: Int) -> BoxReader { BoxReader(bytes: bytes.prefix(count)) }

    /// The child boxes, from an offset on; nil if they do not fit.
    func boxes(from offset: Int = 0) -> [(name: String, box: BoxReader)]? {
        let source = BoxSource(size: Int64(count)) { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) }
        var walk = source.walk(in: Int64(min(max(0, offset), count))..<source.size, most: Self.most)
        var found: [(String, BoxReader)] = []
        while let box = walk.next() {
            found.append((box.type, from(Int(box.content.lowerBound)).prefix(Int(box.content.upperBound - box.content.lowerBound))))
        }
        return walk.isComplete ? found : nil
    }

    /// No box of a real file has more.
    private static let most = 1000

    /// The first with this name.
    func box(_ name: String, from offset: Int = 0) -> BoxReader? { boxes(from: offset)?.first { $0.name == name }?.box }

    /// Whether the nine numbers at an offset are the identity matrix.
    func isIdentityMatrix(at offset: Int) -> Bool {
        let identity: [UInt64] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000]
        return identity.indices.allSatisfy { number(4, at: offset + 4 * $0) == identity[$0] }
    }
}
