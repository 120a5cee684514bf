internal import Glibc
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

    /// Nil if this is not a complete MP4 with its index in front and its boxes end to end.
    init?(descriptor: CInt, size: Int64) {
        var offset: Int64 = 0
        var order: [String] = []
        var duration: Int?
        var tracks: [String] = []
        while offset < size {
            guard let box = Self.box(descriptor, at: offset, end: size), Self.known.contains(box.type), order.count < 16
            else { return nil }
            if box.type == "moov" {
                duration = Self.movieDuration(descriptor, box)
                tracks = Self.boxes(descriptor, in: box, named: "trak").map { Self.handler(descriptor, of: $0) ?? "" }
            }
            order.append(box.type)
            offset = box.end
        }
        let told = order.filter { $0 != "free" }
        guard told.first == "ftyp", told.dropFirst().first == "moov", told.dropFirst(2).first == "mdat",
            told.count(where: { $0 == "moov" }) == 1, let duration
        else { return nil }
        self.duration = duration
        self.tracks = tracks
    }

    private struct Box {
        let type: String
        let content: Int64
        let end: Int64
    }

    private static func box(_ descriptor: CInt, at offset: Int64, end: Int64) -> Box? {
        guard let head = bytes(descriptor, at: offset, count: 16) else { return nil }
        let type = String(decoding: head[4..<8], as: UTF8.self)
        let short = number(head[0..<4])
        // 1: the size is in the following eight bytes; 0, “to the end of the file”, only occurs while writing.
        let (length, header) = short == 1 ? (number(head[8..<16]), Int64(16)) : (short, Int64(8))
        guard length >= UInt64(header), length <= UInt64(end - offset) else { return nil }
        return Box(type: type, content: offset + header, end: offset + Int64(length))
    }

    /// The boxes of one kind directly inside another; at most as many as our own files have.
    private static func boxes(_ descriptor: CInt, in parent: Box, named type: String) -> [Box] {
        var found: [Box] = []
        var offset = parent.content
        for _ in 0..<32 where offset < parent.end {
            guard let box = box(descriptor, at: offset, end: parent.end) else { break }
            if box.type == type { found.append(box) }
            offset = box.end
        }
        return found
    }

    /// `trak.mdia.hdlr`: the handler's type follows its version and four zero bytes.
    private static func handler(_ descriptor: CInt, of track: Box) -> String? {
        guard let media = boxes(descriptor, in: track, named: "mdia").first,
            let handler = boxes(descriptor, in: media, named: "hdlr").first, handler.end - handler.content >= 12,
            let fields = bytes(descriptor, at: handler.content, count: 12)
        else { return nil }
        return String(decoding: fields[8..<12], as: UTF8.self)
    }

    private static func movieDuration(_ descriptor: CInt, _ movie: Box) -> Int? {
        guard let header = box(descriptor, at: movie.content, end: movie.end), header.type == "mvhd",
            let fields = bytes(descriptor, at: header.content, count: 32)
        else { return nil }
        let isLong = fields[0] == 1
        let scale = Double(number(isLong ? fields[20..<24] : fields[12..<16]))
        let ticks = Double(number(isLong ? fields[24..<32] : fields[16..<20]))
        let microseconds = ticks / scale * 1e6
        return microseconds.isFinite && microseconds < 1e15 ? Int(microseconds) : nil
    }

    private static func bytes(_ descriptor: CInt, at offset: Int64, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(offset)) >= 8 ? bytes : nil
    }

    /// Big-endian.
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
