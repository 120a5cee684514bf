/// The index of an MP4 (`moov`) as it stands in the file: FFmpeg mends in silence what browsers take at its word.
struct MovieHeader {
    /// Ticks in a second.
    let timescale: UInt64
    /// Seconds; nil where it does not say.
    let duration: Double?
    let isMatrixPlain: Bool
    let tracks: [MovieTrack]

    /// Bytes of an index that is looked at: a film of a million pictures has half of it.
    static let most: Int64 = 64 << 20

    /// Nil where it makes no sense.
    init?(_ moov: BoxReader) {
        guard let boxes = moov.boxes(), let head = boxes.first(where: { $0.name == "mvhd" })?.box,
            let version = head.number(1, at: 0), version <= 1
        else { return nil }
        let isLong = version == 1
        guard let timescale = head.number(4, at: isLong ? 20 : 12), timescale > 0 else { return nil }
        self.timescale = timescale
        duration = Self.seconds(head, at: isLong ? 24 : 16, isLong: isLong, timescale)
        isMatrixPlain = head.isIdentityMatrix(at: isLong ? 48 : 36)
        var tracks: [MovieTrack] = []
        for (name, box) in boxes where name == "trak" {
            guard let track = MovieTrack(box, movieTimescale: timescale) else { return nil }
            tracks.append(track)
        }
        self.tracks = tracks
    }

    /// A duration field; nil where all of its bits say that it is not known.
    static func seconds(_ box: BoxReader, at offset: Int, isLong: Bool, _ timescale: UInt64) -> Double? {
        guard let ticks = box.number(isLong ? 8 : 4, at: offset), ticks != (isLong ? UInt64.max : UInt64(UInt32.max)) else { return nil }
        return Double(ticks) / Double(timescale)
    }

    /// Edits by which nothing of a track would be left are damage. FFmpeg's demuxer, which follows them, is told not to:
    /// where they begin within the medium, its beginning still counts.
    var editListOptions: [String: String] {
        let hiding = tracks.filter(\.isHidden)
        if hiding.isEmpty { return [:] }
        let isBeginningSensible = hiding.allSatisfy { $0.edits.allSatisfy { edit in edit.start.map { (0...1).contains($0) } ?? true } }
        return isBeginningSensible ? ["advanced_editlist": "0"] : ["ignore_editlist": "1"]
    }
}
