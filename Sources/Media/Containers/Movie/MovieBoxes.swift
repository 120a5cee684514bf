internal import CFFmpeg
internal import MediaWire

/// The box structure of an MP4 (ISO/IEC 14496-12), as far as decisions depend on it: FFmpeg's demuxer skips unknown
/// boxes, and a site would serve them.
struct MovieBoxes {
    /// `moov` precedes `mdat`.
    private(set) var isIndexInFront = false
    private(set) var isFragmented = false
    /// Boxes that are not part of the media: user data, XMP, vendor boxes.
    private(set) var extras: [String] = []
    private(set) var brand = ""
    /// A sample description marks its samples as encrypted (ISO/IEC 14496-12, 8.12; Apple's own).
    private(set) var isEncrypted = false
    /// The index; nil if there is none, or more than one, or it is invalid.
    private(set) var header: MovieHeader?
    private(set) var repairs: HeaderRepairs?

    /// No real file has more boxes on these levels.
    private static let most = 10_000
    /// A sample description is six levels deep.
    private static let deepest = 8
    /// Maximum bytes of padding to check.
    private static let mostPadding: Int64 = 64 * 1024
    /// What a player needs, and padding.
    private static let plain: [String: Set<String>] = [
        "": ["ftyp", "moov", "mdat", "free", "skip", "wide", "styp", "sidx", "moof", "mfra"],
        "moov": ["mvhd", "trak", "mvex", "iods", "free", "udta"],
        "trak": ["tkhd", "edts", "mdia", "tref", "free", "udta"],
        // What muxers write about themselves: the program's name.
        "udta": ["meta"],
        "meta": ["hdlr", "ilst", "free"],
        "ilst": ["\u{FFFD}too"],
        "mdia": ["mdhd", "hdlr", "minf", "free"],
    ]
    /// Further boxes to enter, with the bytes between their header and their children.
    private static let looked: [String: Int64] = ["minf": 0, "stbl": 0, "stsd": 8]
    /// The brands that browsers accept as MP4 (ISO/IEC 14496-12, annex E; mp4ra.org).
    private static let brands: Set<String> = [
        "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42", "avc1", "M4V ", "M4A ", "M4B ", "f4v ", "MSNV",
    ]
    private static let encrypted: Set<String> = ["encv", "enca", "drmi", "drms"]

    private let stream: ByteStream
    private let source: BoxSource
    private var count = 0
    private var hasData = false
    /// The payload of each `moov`.
    private var indexes: [Range<Int64>] = []

    /// Nil if it does not consist of boxes.
    init?(descriptor: CInt) throws(FFmpegError) {
        stream = try ByteStream(descriptor: descriptor, direction: .reading, bufferSize: 4096)
        source = BoxSource(stream)
        guard walk(source.whole, inside: "", depth: 0) else { return nil }
        guard indexes.count == 1, let index = indexes.first, index.upperBound - index.lowerBound <= MovieHeader.most else { return }
        let reader = BoxReader(bytes: stream.peek(Int(index.upperBound - index.lowerBound), at: index.lowerBound)[...])
        header = MovieHeader(reader)
        repairs = HeaderRepairs(reader, at: index.lowerBound)
    }

    /// Whether a file's first box is a possible first box of MP4 or MOV.
    static func begins(_ stream: ByteStream) -> Bool {
        let head = stream.peek(8)
        return head.count == 8 && plain[""]?.contains(String(decoding: head[4...], as: UTF8.self)) == true
    }

    /// Whether the index lies among a file's outermost boxes, as a whole.
    static func hasIndex(_ stream: ByteStream) -> Bool {
        let source = BoxSource(stream)
        return source.box("moov", in: source.whole) != nil
    }

    var isOfKnownBrand: Bool { Self.brands.contains(brand) }

    private mutating func walk(_ range: Range<Int64>, inside parent: String, depth: Int) -> Bool {
        guard depth <= Self.deepest else { return false }
        var boxes = source.walk(in: range)
        while let box = boxes.next() {
            count += 1
            guard count <= Self.most else { return false }
            note(box.type, parent)
            if box.type == "moov", parent.isEmpty { indexes.append(box.content) }
            if box.type == "free" || box.type == "skip", !isBlank(box.content) { extras.append(box.type) }
            if box.type == "ftyp", parent.isEmpty { brand = source.name(at: 0, in: box.content) ?? "" }
            // The version and flags of “meta”.
            let fields = (Self.looked[box.type] ?? 0) + (box.type == "meta" ? 4 : 0)
            let isLookedInto = Self.plain[box.type] != nil || Self.looked[box.type] != nil
            if isLookedInto, !walk(box.content(after: fields), inside: box.type, depth: depth + 1) { return false }
        }
        return boxes.isComplete
    }

    private mutating func note(_ name: String, _ parent: String) {
        switch (parent, name) {
        case ("", "moov"): isIndexInFront = !hasData
        case ("", "mdat"): hasData = true
        case ("", "moof"), ("moov", "mvex"): isFragmented = true
        case ("stsd", let name) where Self.encrypted.contains(name): isEncrypted = true
        default: break
        }
        if Self.plain[parent]?.contains(name) == false, !extras.contains(name) { extras.append(name) }
    }

    /// Tools that remove metadata often only rename its box to free.
    private func isBlank(_ range: Range<Int64>) -> Bool {
        stream.peek(Int(min(range.upperBound - range.lowerBound, Self.mostPadding)), at: range.lowerBound).allSatisfy { $0 == 0 }
    }
}
