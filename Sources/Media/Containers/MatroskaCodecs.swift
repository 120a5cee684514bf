/// A Matroska file's codec names (RFC 9559): FFmpeg does not report the names that it does not know.
enum MatroskaCodecs {
    private static let (ebml, segment, tracks, trackEntry): (UInt32, UInt32, UInt32, UInt32) = (0x1A45_DFA3, 0x1853_8067, 0x1654_AE6B, 0xAE)
    private static let (trackType, codecID): (UInt32, UInt32) = (0x83, 0x86)
    /// Video, audio, subtitles and metadata: FFmpeg ignores other tracks.
    private static let kinds: Set<UInt8> = [1, 2, 17, 33]
    /// Maximum elements before the tracks, and bytes of the tracks, to read.
    private static let mostElements = 100
    private static let mostBytes = 1 << 20

    private struct Element {
        var id: UInt32
        /// Bytes of its ID and size; and of its content, nil if unknown.
        var header: Int
        var size: Int?
    }

    /// In the order of FFmpeg's streams; empty if nothing can be read.
    static func names(in stream: ByteStream) -> [String] {
        var offset: Int64 = 0
        for _ in 0..<mostElements {
            guard let element = element(stream.peek(12, at: offset)[...]) else { return [] }
            offset += Int64(element.header)
            switch element.id {
            // Its children follow.
            case segment: continue
            case tracks:
                return names(of: stream.peek(min(element.size ?? mostBytes, mostBytes), at: offset)[...])
            default:
                guard let size = element.size, offset + Int64(size) < stream.size else { return [] }
                offset += Int64(size)
            }
        }
        return []
    }

    private static func names(of tracks: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        for (id, track) in children(of: tracks) where id == trackEntry {
            let parts = children(of: track)
            guard let kind = parts.first(where: { $0.id == trackType })?.content.last, kinds.contains(kind),
                let codec = parts.first(where: { $0.id == codecID })?.content
            else { continue }
            names.append(short(String(decoding: codec, as: UTF8.self)))
        }
        return names
    }

    /// "V_MPEGI/ISO/VVC" is "vvc", "A_AC4" is "ac4".
    private static func short(_ codec: String) -> String {
        let bare = ["V_", "A_"].contains(codec.prefix(2)) ? codec.dropFirst(2) : codec[...]
        let name = bare.hasPrefix("MPEG") ? bare.split(separator: "/").last ?? bare : bare
        return String(name.prefix(32)).lowercased()
    }

    private static func children(of content: ArraySlice<UInt8>) -> [(id: UInt32, content: ArraySlice<UInt8>)] {
        var rest = content
        var children: [(UInt32, ArraySlice<UInt8>)] = []
        while let element = element(rest), let size = element.size, size <= rest.count - element.header {
            rest = rest.dropFirst(element.header)
            children.append((element.id, rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return children
    }

    private static func element(_ bytes: ArraySlice<UInt8>) -> Element? {
        guard let first = bytes.first, first >= 0x10 else { return nil }
        let idLength = first.leadingZeroBitCount + 1
        let rest = bytes.dropFirst(idLength)
        guard let second = rest.first, second > 0 else { return nil }
        let sizeLength = second.leadingZeroBitCount + 1
        guard rest.count >= sizeLength else { return nil }
        let id = bytes.prefix(idLength).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let raw = rest.prefix(sizeLength).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let mask = UInt64(1) << UInt64(7 * sizeLength) - 1
        let size = raw & mask
        let isKnown = size != mask && size <= UInt64(Int32.max) * 4096
        return Element(id: id, header: idLength + sizeLength, size: isKnown ? Int(size) : nil)
    }
}
