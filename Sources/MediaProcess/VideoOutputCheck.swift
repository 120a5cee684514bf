internal import Glibc
internal import MediaWire
internal import Objects

/// Checks the boxes of a finished MP4 (ISO/IEC 14496-12), without decoding anything: the child's report alone is
/// not trusted. Reads a few headers.
struct VideoOutputCheck {
    /// Microseconds, from the movie header; 0 if it has none.
    let duration: Int
    /// The types of its tracks, from their handlers: `vide`, `soun`.
    let tracks: [String]

    /// The allowed top-level boxes: we never write fragments.
    private static let known: Set<String> = ["ftyp", "moov", "mdat", "free"]
    /// As many as our own files have, at the top and inside.
    private static let most = (top: 16, inside: 32)

    /// Nil if this is not a complete MP4 with its index in front and its boxes end to end.
    init?(descriptor: CInt, size: Int64) {
        let source = BoxSource(size: size) { Self.bytes(descriptor, at: $0, count: $1) }
        var boxes = source.walk(in: source.whole, most: Self.most.top)
        var order: [String] = []
        var index: Range<Int64>?
        while let box = boxes.next() {
            // Without a size, a box goes on to the end of the file: only while that is being written.
            guard Self.known.contains(box.type), !box.isOpenEnded else { return nil }
            if box.type == "moov" { index = box.content }
            if box.type != "free" { order.append(box.type) }
        }
        guard boxes.rest == 0, order.prefix(3) == ["ftyp", "moov", "mdat"], order.count(where: { $0 == "moov" }) == 1, let index,
            let duration = Self.duration(source, index)
        else { return nil }
        self.duration = duration
        tracks = source.boxes("trak", in: index, most: Self.most.inside).map { Self.handler(source, of: $0.content) }
    }

    /// `trak.mdia.hdlr`: the handler's type follows its version and four zero bytes.
    private static func handler(_ source: BoxSource, of track: Range<Int64>) -> String {
        guard let handler = source.box("mdia", "hdlr", in: track, most: most.inside)?.content, let type = source.name(at: 8, in: handler)
        else { return "" }
        return type
    }

    /// The movie header is the first box of the index.
    private static func duration(_ source: BoxSource, _ index: Range<Int64>) -> Int? {
        var boxes = source.walk(in: index)
        guard let header = boxes.next(), header.type == "mvhd", let version = source.number(1, at: 0, in: header.content)
        else { return nil }
        let isLong = version == 1
        guard let scale = source.number(4, at: isLong ? 20 : 12, in: header.content),
            let ticks = source.number(isLong ? 8 : 4, at: isLong ? 24 : 16, in: header.content)
        else { return nil }
        let microseconds = Double(ticks) / Double(scale) * 1e6
        return microseconds.isFinite && microseconds < 1e15 ? Int(microseconds) : nil
    }

    /// Fewer at the end of the file, or if it cannot be read.
    private static func bytes(_ descriptor: CInt, at offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
        }
    }
}
