/// One track of an MP4's index.
struct MovieTrack {
    /// `vide`, `soun`.
    let handler: String
    let isEnabled: Bool
    let alternateGroup: UInt64
    /// Seconds in the track's and the media's header; nil if not specified.
    let duration: Double?
    let mediaDuration: Double?
    let isMatrixPlain: Bool
    /// Pixels.
    let width: Int
    let height: Int
    let edits: [Edit]
    let samples: MovieSamples
    let entry: SampleEntry
    let timescale: UInt64

    /// A part of the media, in seconds, or an empty edit.
    struct Edit {
        var duration: Double
        /// Nil for an empty edit.
        var start: Double?
        var isAtNormalSpeed: Bool
    }

    /// Nil if it is invalid.
    init?(_ box: BoxReader, movieTimescale: UInt64) {
        guard let head = box.box("tkhd"), let version = head.number(1, at: 0), version <= 1, let flags = head.number(3, at: 1),
            let media = box.box("mdia"), let mediaHead = media.box("mdhd"), let mediaVersion = mediaHead.number(1, at: 0),
            mediaVersion <= 1, let timescale = mediaHead.number(4, at: mediaVersion == 1 ? 20 : 12), timescale > 0,
            let handler = media.box("hdlr")?.name(at: 8), let tables = media.box("minf")?.box("stbl"),
            let description = tables.box("stsd"), let entry = SampleEntry(description), let samples = MovieSamples(tables, timescale)
        else { return nil }
        let isLong = version == 1
        let shift = isLong ? 12 : 0
        guard let group = head.number(2, at: 34 + shift), let width = head.number(4, at: 76 + shift),
            let height = head.number(4, at: 80 + shift), let edits = Self.edits(box, movieTimescale, timescale)
        else { return nil }
        // Enabled, and not only for previews.
        isEnabled = flags & 1 != 0 && flags & 6 != 4
        alternateGroup = group
        duration = MovieHeader.seconds(head, at: isLong ? 28 : 20, isLong: isLong, movieTimescale)
        mediaDuration = MovieHeader.seconds(
            mediaHead, at: mediaVersion == 1 ? 24 : 16, isLong: mediaVersion == 1, timescale)
        isMatrixPlain = head.isIdentityMatrix(at: 40 + shift)
        self.width = Int(width >> 16)
        self.height = Int(height >> 16)
        self.handler = handler
        self.entry = entry
        self.samples = samples
        self.edits = edits
        self.timescale = timescale
    }

    private static func edits(_ box: BoxReader, _ movieTimescale: UInt64, _ timescale: UInt64) -> [Edit]? {
        guard let list = box.box("edts")?.box("elst") else { return [] }
        guard let version = list.number(1, at: 0), version <= 1, let count = list.number(4, at: 4), count <= 10_000 else { return nil }
        let isLong = version == 1
        var edits: [Edit] = []
        for index in 0..<Int(count) {
            let offset = 8 + index * (isLong ? 20 : 12)
            guard let duration = list.number(isLong ? 8 : 4, at: offset),
                let start = isLong ? list.number(8, at: offset + 8).map({ Int64(bitPattern: $0) }) : list.int32(at: offset + 4),
                let rate = list.number(4, at: offset + (isLong ? 16 : 8))
            else { return nil }
            edits.append(
                Edit(
                    duration: Double(duration) / Double(movieTimescale),
                    start: start == -1 ? nil : Double(start) / Double(timescale), isAtNormalSpeed: rate == 0x10000))
        }
        return edits
    }

    /// Seconds of empty edits at the beginning.
    var emptyBeginning: Double { edits.first.map { $0.start == nil ? $0.duration : 0 } ?? 0 }

    /// Its edit list leaves nothing of it.
    var isHidden: Bool {
        guard !edits.isEmpty, samples.duration > 0 else { return false }
        let shown = edits.reduce(0.0) { sum, edit in
            guard let start = edit.start, start < samples.duration else { return sum }
            return sum + min(edit.duration, samples.duration - max(0, start))
        }
        return shown <= 0
    }
}
