/// Bytes with boxes in them: a file or a part of it, of which only headers and fields are read. Its numbers may be anything.
package struct BoxSource {
    package let size: Int64
    /// The bytes at an offset; fewer at the end.
    let read: (_ offset: Int64, _ count: Int) -> [UInt8]

    /// No real file has more boxes side by side.
    package static let most = 10_000

    package init(size: Int64, read: @escaping (_ offset: Int64, _ count: Int) -> [UInt8]) {
        self.size = max(0, size)
        self.read = read
    }

    package var whole: Range<Int64> { 0..<size }

    package func walk(in range: Range<Int64>, most: Int = BoxSource.most) -> BoxWalk { BoxWalk(self, in: range, most: most) }

    /// All boxes of a type, up to the first that is invalid.
    package func boxes(_ type: String, in range: Range<Int64>, most: Int = BoxSource.most) -> [MovieBox] {
        var (found, walk) = ([MovieBox](), walk(in: range, most: most))
        while let box = walk.next() {
            if box.type == type { found.append(box) }
        }
        return found
    }

    /// The first box at a path of types, such as “mdia”, “hdlr”.
    package func box(_ path: String..., in range: Range<Int64>, most: Int = BoxSource.most) -> MovieBox? {
        var (box, range) = (MovieBox?.none, range)
        for type in path {
            var walk = walk(in: range, most: most)
            repeat { box = walk.next() } while box.map { $0.type != type } ?? false
            guard let box else { return nil }
            range = box.content
        }
        return box
    }

    /// A number of at most 8 bytes, at an offset in the range; nil if it reaches beyond it.
    package func number(_ bytes: Int, at offset: Int64, in range: Range<Int64>) -> UInt64? {
        let range = range.clamped(to: whole)
        guard (1...8).contains(bytes), offset >= 0, offset <= range.upperBound - range.lowerBound - Int64(bytes) else { return nil }
        let field = read(range.lowerBound + offset, bytes)
        return field.count == bytes ? Self.number(field[...]) : nil
    }

    /// Big-endian, of at most 8 bytes.
    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    /// Four characters, such as a handler's type.
    package func name(at offset: Int64, in range: Range<Int64>) -> String? {
        number(4, at: offset, in: range).map { number in
            String(decoding: stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }, as: UTF8.self)
        }
    }
}
