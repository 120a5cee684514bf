internal import CFFmpeg

/// Compares the keyframes in an MP4's index with the frames themselves: FFmpeg goes by the frames, browsers by the index.
struct KeyframeIndexCheck {
    /// Nil if all are marked.
    private let marked: Set<Int>?
    private let inspector: AccessUnitInspector
    private let stream: Int
    private var count = 0

    /// Nil if there is nothing to compare.
    init?(_ demuxer: Demuxer) {
        guard let header = try? demuxer.boxes()?.header, let track = header.tracks.first(where: { $0.handler == "vide" }),
            let stream = (0..<demuxer.streamCount).first(where: demuxer.isPicture),
            demuxer.stream(stream).pointee.codecpar.pointee.codec_id == AV_CODEC_ID_H264,
            avformat_index_get_entries_count(demuxer.stream(stream)) == track.samples.count
        else { return nil }
        self.stream = stream
        marked = track.samples.keyframes
        inspector = AccessUnitInspector(demuxer.stream(stream))
    }

    /// Takes the file's next packet; false if its mark is wrong. An IDR frame must be marked; others with only I slices,
    /// which some programs mark, may be.
    mutating func areRight(for packet: Packet) -> Bool {
        guard packet.streamIndex == stream else { return true }
        defer { count += 1 }
        let isMarked = marked?.contains(count) ?? true
        return isMarked ? inspector.isWholeByItself(packet) : !inspector.beginsSequence(packet)
    }
}
