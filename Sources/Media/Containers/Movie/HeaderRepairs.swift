/// Invalid fields of an MP4's index whose value follows from the rest: the file is read with the
/// corrected values.
struct HeaderRepairs {
    /// By their offset in the file.
    private(set) var bytes: [Int64: UInt8] = [:]
    /// A track has no time scale, and nothing tells which it had.
    private(set) var lacksClock = false

    private static let aac: UInt8 = 0x40
    private let place: Int64

    /// - Parameter place: the offset of the index's payload, which the reader holds.
    init(_ moov: BoxReader, at place: Int64) {
        self.place = place
        let head = moov.box("mvhd")
        let timescale = head?.number(1, at: 0).flatMap { head?.number(4, at: $0 == 1 ? 20 : 12) } ?? 0
        for case ("trak", let track) in moov.boxes() ?? [] {
            guard let media = track.box("mdia"), let description = media.box("minf")?.box("stbl")?.box("stsd") else { continue }
            repairClock(track, media, description, timescale)
            if let entry = SampleEntry(description), let type = entry.objectTypePlace, entry.objectType != UInt64(Self.aac), entry.holdsAAC {
                bytes[place + Int64(type)] = Self.aac
            }
        }
    }

    /// Audio counts samples; for video, the header also has the duration in seconds.
    private mutating func repairClock(_ track: BoxReader, _ media: BoxReader, _ description: BoxReader, _ timescale: UInt64) {
        guard let head = media.box("mdhd"), let version = head.number(1, at: 0), head.number(4, at: version == 1 ? 20 : 12) == 0 else { return }
        let rate: UInt64?
        if media.box("hdlr")?.name(at: 8) == "soun" {
            rate = description.boxes(from: 8)?.first?.box.number(4, at: 24).map { $0 >> 16 }
        } else if let shown = track.box("tkhd"), let kind = shown.number(1, at: 0), timescale > 0,
            let seconds = MovieHeader.seconds(shown, at: kind == 1 ? 28 : 20, isLong: kind == 1, timescale), seconds > 0,
            let ticks = head.number(version == 1 ? 8 : 4, at: version == 1 ? 24 : 16)
        {
            rate = UInt64(exactly: (Double(ticks) / seconds).rounded())
        } else {
            rate = nil
        }
        guard let rate, (1...1_000_000).contains(rate) else { return lacksClock = true }
        let start = place + Int64(head.bytes.startIndex) + (version == 1 ? 20 : 12)
        for index in 0..<4 { bytes[start + Int64(index)] = UInt8(truncatingIfNeeded: rate >> (24 - 8 * UInt64(index))) }
    }
}
