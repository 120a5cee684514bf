internal import CFFmpeg

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
        let reader = StreamBoxes(stream: stream)
        guard let movie = reader.box("moov", in: reader.whole) else { return [:] }
        let timeScale = reader.box("mvhd", in: movie).map(reader.timeScale) ?? 0
        guard (1...Int64(CInt.max)).contains(timeScale) else { return [:] }
        var lists: [Int: EditList] = [:]
        for track in reader.boxes("trak", in: movie) {
            guard let header = reader.box("tkhd", in: track), let edts = reader.box("edts", in: track),
                let elst = reader.box("elst", in: edts)
            else { continue }
            var list = EditList()
            list.timeScale = CInt(timeScale)
            guard list.read(reader, elst) else { continue }
            lists[reader.trackNumber(header)] = list
        }
        return lists
    }

    /// Implausible values are corrupt.
    private static func sensible(_ rate: Double) -> Double { rate == 0 || (0.05...20).contains(rate) ? rate : 1 }

    /// False if it is invalid.
    private mutating func read(_ reader: StreamBoxes, _ box: Range<Int64>) -> Bool {
        let isLong = reader.number(at: box.lowerBound, bytes: 1) == 1
        let count = reader.number(at: box.lowerBound + 4, bytes: 4)
        let (size, wide) = isLong ? (Int64(20), Int64(8)) : (12, 4)
        guard (1...Int64(Self.most)).contains(count), count * size <= box.upperBound - box.lowerBound - 8 else { return false }
        var start: Int64 = 0
        for index in 0..<count {
            let place = box.lowerBound + 8 + index * size
            let duration = reader.number(at: place, bytes: wide)
            var media = reader.number(at: place + wide, bytes: wide)
            if !isLong { media = Int64(Int32(truncatingIfNeeded: media)) }
            let rate = Double(Int32(truncatingIfNeeded: reader.number(at: place + 2 * wide, bytes: 4))) / 65536
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

/// Finds boxes of an MP4 by name.
private struct StreamBoxes {
    /// No real file has more sibling boxes.
    private static let most = 10_000

    let stream: ByteStream

    var whole: Range<Int64> { 0..<max(0, stream.size) }

    func box(_ name: String, in range: Range<Int64>) -> Range<Int64>? { boxes(name, in: range, atMost: 1).first }

    /// The content of the boxes with this name.
    func boxes(_ name: String, in range: Range<Int64>, atMost wanted: Int = .max) -> [Range<Int64>] {
        var found: [Range<Int64>] = []
        var position = range.lowerBound
        var count = 0
        while position + 8 <= range.upperBound, count < Self.most, found.count < wanted {
            count += 1
            var size = number(at: position, bytes: 4)
            var header: Int64 = 8
            if size == 1 { (size, header) = (number(at: position + 8, bytes: 8), 16) }
            if size == 0 { size = range.upperBound - position }
            guard size >= header, size <= range.upperBound - position else { break }
            if stream.peek(4, at: position + 4) == Array(name.utf8) { found.append(position + header..<position + size) }
            position += size
        }
        return found
    }

    /// Big-endian, as all numbers there; 0 beyond the end.
    func number(at position: Int64, bytes: Int64) -> Int64 {
        stream.peek(Int(bytes), at: position).reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Of `mvhd`.
    func timeScale(_ box: Range<Int64>) -> Int64 { number(at: box.lowerBound + afterTimes(box), bytes: 4) }
    /// Of `tkhd`.
    func trackNumber(_ box: Range<Int64>) -> Int { Int(number(at: box.lowerBound + afterTimes(box), bytes: 4)) }

    /// Version and flags come first, then two times.
    private func afterTimes(_ box: Range<Int64>) -> Int64 { number(at: box.lowerBound, bytes: 1) == 1 ? 20 : 12 }
}
