internal import CFFmpeg
internal import MediaWire

/// The extent of a track.
struct TrackExtent: Equatable {
    /// Microseconds.
    var duration: Int64
    var pictures: Int

    /// Microseconds of moving pictures: each frame counts for at most half a second.
    var filmTime: Int64 { min(duration, Int64(clamping: pictures).multipliedReportingOverflow(by: 500_000).partialValue) }
}

extension Demuxer {
    /// From the sample table, as far as its bytes exist in the file: nil without one, or if it does not cover the whole file.
    func indexed(_ index: Int) -> (extent: TrackExtent, end: Int64)? {
        guard hasWholeIndex else { return nil }
        let stream = stream(index)
        var count = avformat_index_get_entries_count(stream)
        guard let first = avformat_index_get_entry(stream, 0)?.pointee else { return nil }
        while count > 0, let entry = avformat_index_get_entry(stream, count - 1)?.pointee,
            entry.pos.addingReportingOverflow(Int64(entry.size)).partialValue > bytes.size
        {
            count -= 1
        }
        guard count > 0, let last = avformat_index_get_entry(stream, count - 1)?.pointee,
            let begin = microseconds(first.timestamp, in: timeBase(index)), let end = microseconds(last.timestamp, in: timeBase(index))
        else { return nil }
        let step = count > 1 ? max(0, end - begin) / Int64(count - 1) : 0
        return (TrackExtent(duration: max(0, end - begin) + step, pictures: Int(count)), end)
    }

    /// From the header.
    func promised(_ index: Int) -> TrackExtent {
        let stream = stream(index).pointee
        let length = microseconds(stream.duration, in: stream.time_base).flatMap { $0 > 0 ? $0 : nil } ?? duration ?? 0
        let rate = stream.avg_frame_rate.isPositive ? stream.avg_frame_rate.value : 25
        let pictures = stream.nb_frames > 0 ? Int(stream.nb_frames) : Int(min(1e9, Double(length) / 1e6 * rate))
        return TrackExtent(duration: length, pictures: pictures)
    }
}
