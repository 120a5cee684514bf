internal import CFFmpeg
internal import MediaWire

/// The parts of its media that a track of an MP4 or MOV plays, one edit after the other (ISO/IEC 14496-12, 8.6.6).
struct EditList {
    struct Edit {
        /// Start and duration, in the movie's time scale.
        var start: Int64
        var duration: Int64
        /// Its start in the track's media, in the media's time scale; nil for an empty edit.
        var media: Int64?
        /// The playback rate; 0 holds its frame.
        var rate: Double
    }

    var edits: [Edit] = []
    /// Of the movie: units per second.
    var timeScale: CInt = 1

    /// FFmpeg supports one edit of the media, with a pause before it; it combines several incorrectly, especially if
    /// one starts between keyframes.
    var isSimple: Bool {
        let media = edits.drop { $0.media == nil }
        return media.count <= 1 && media.allSatisfy { $0.rate == 1 }
    }

    /// Whether it plays its media at another speed.
    var changesSpeed: Bool { edits.contains { $0.media != nil && $0.rate != 1 && $0.rate != 0 } }
    /// In the movie's time scale.
    var end: Int64 { edits.last.map { $0.start + $0.duration } ?? 0 }

    /// No real file has more.
    private static let most = 10_000

    /// Of all tracks that have one, by track number.
    static func all(in stream: ByteStream) -> [Int: EditList] {
        let source = BoxSource(stream)
        guard let movie = source.box("moov", in: source.whole)?.content, let head = source.box("mvhd", in: movie)?.content,
            let timeScale = source.number(4, at: afterTimes(source, head), in: head), (1...UInt64(CInt.max)).contains(timeScale)
        else { return [:] }
        var lists: [Int: EditList] = [:]
        for track in source.boxes("trak", in: movie) {
            guard let head = source.box("tkhd", in: track.content)?.content,
                let number = source.number(4, at: afterTimes(source, head), in: head),
                let elst = source.box("edts", "elst", in: track.content)?.content
            else { continue }
            var list = EditList()
            list.timeScale = CInt(timeScale)
            if list.read(source, elst) { lists[Int(number)] = list }
        }
        return lists
    }

    /// Version and flags come first, then two times.
    private static func afterTimes(_ source: BoxSource, _ head: Range<Int64>) -> Int64 { source.number(1, at: 0, in: head) == 1 ? 20 : 12 }

    /// Implausible values are corrupt.
    private static func sensible(_ rate: Double) -> Double { rate == 0 || (0.05...20).contains(rate) ? rate : 1 }

    /// False if it is invalid.
    private mutating func read(_ source: BoxSource, _ box: Range<Int64>) -> Bool {
        let isLong = source.number(1, at: 0, in: box) == 1
        let (size, wide) = isLong ? (Int64(20), 8) : (12, 4)
        guard let count = source.number(4, at: 4, in: box), (1...UInt64(Self.most)).contains(count) else { return false }
        var start: Int64 = 0
        for index in 0..<Int64(count) {
            let place = 8 + index * size
            guard let ticks = source.number(wide, at: place, in: box), let from = source.number(wide, at: place + Int64(wide), in: box),
                let speed = source.number(4, at: place + 2 * Int64(wide), in: box)
            else { return false }
            let duration = Int64(bitPattern: ticks)
            let media = isLong ? Int64(bitPattern: from) : Int64(Int32(truncatingIfNeeded: from))
            let rate = Double(Int32(truncatingIfNeeded: speed)) / 65536
            let (end, overflows) = start.addingReportingOverflow(duration)
            guard duration >= 0, media >= -1, !overflows, media < latestTime, end < latestTime else { return false }
            edits.append(Edit(start: start, duration: duration, media: media < 0 ? nil : media, rate: Self.sensible(rate)))
            start = end
        }
        // A single edit with rate 0 does not hold a frame for the whole duration: some programs omit the rate.
        if edits.count(where: { $0.media != nil }) == 1, let index = edits.firstIndex(where: { $0.rate == 0 }) { edits[index].rate = 1 }
        return true
    }
}
