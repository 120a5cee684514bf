/// The index of an MP4 (`moov`) as stored: FFmpeg silently repairs what browsers rely on.
struct MovieHeader {
    /// Ticks per second.
    let timescale: UInt64
    /// Seconds; nil if not specified.
    let duration: Double?
    let isMatrixPlain: Bool
    let tracks: [MovieTrack]

    /// Maximum bytes of an index: a video with a million frames has half of it.
    static let most: Int64 = 64 << 20

    /// Nil if it is invalid.
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

    /// A duration field; nil if all bits are set, which means unknown.
    static func seconds(_ box: BoxReader, at offset: Int, isLong: Bool, _ timescale: UInt64) -> Double? {
        guard let ticks = box.number(isLong ? 8 : 4, at: offset), ticks != (isLong ? UInt64.max : UInt64(UInt32.max)) else { return nil }
        return Double(ticks) / Double(timescale)
    }

    /// The duration in microseconds; nil if not specified, or senseless.
    var microseconds: Int64? { duration.flatMap { $0 > 0 && $0 < 1e12 ? Int64($0 * 1e6) : nil } }

    /// Edits that would leave nothing of a track are damage, so FFmpeg's demuxer is told to ignore them:
    /// if they start within the media, their start still counts.
    var editListOptions: [String: String] {
        let hiding = tracks.filter(\.isHidden)
        if hiding.isEmpty { return [:] }
        let isBeginningSensible = hiding.allSatisfy { $0.edits.allSatisfy { edit in edit.start.map { (0...1).contains($0) } ?? true } }
        return isBeginningSensible ? ["advanced_editlist": "0"] : ["ignore_editlist": "1"]
    }
}
