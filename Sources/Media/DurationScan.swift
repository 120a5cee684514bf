internal import CFFmpeg
internal import MediaWire

/// How long a recording is, by its packets and not by its header, before anything of it is decoded.
///
/// What it costs: nothing where an MP4's table of samples tells it, where the bytes of uncompressed sound do, or where a file has
/// so few bytes that it cannot be over the limit; the end of the file where the container counts on one clock; one reading of
/// the whole file else, without decoding: some hundred megabytes a second.
enum DurationScan {
    /// Bytes a second of the most frugal sound that there is.
    private static let leastBytes = 500.0
    /// Containers whose times count from one beginning to the end, so that the last ones tell the length.
    private static let ofOneClock: Set<String> = ["matroska,webm", "avi", "asf", "nut", "mxf", "wtv"]

    /// Microseconds of the source's clock at which the last of some streams ends; nil where it cannot be over the limit.
    static func end(
        of demuxer: Demuxer, streams: Set<Int>, scan: PacketScan?, limits: MediaLimits, tick: () throws -> Void
    ) throws -> Int64? {
        if let scan { return last(streams, in: scan) }
        let indexed = streams.map { demuxer.indexed($0)?.end }
        if !indexed.contains(nil) { return indexed.compactMap(\.self).max() }
        guard Double(demuxer.size) > limits.duration * leastBytes, !isSettledByBytes(demuxer, streams, limits) else { return nil }
        if ofOneClock.contains(demuxer.formatName), let end = try tail(demuxer, streams, tick: tick) { return end }
        let other = try demuxer.reopened()
        try other.select(streams)
        return last(streams, in: try PacketScan(other, tick: tick))
    }

    private static func last(_ streams: Set<Int>, in scan: PacketScan) -> Int64? { streams.compactMap { scan.tracks[$0]?.end }.max() }

    /// Uncompressed sound alone: so many bytes are so many seconds.
    private static func isSettledByBytes(_ demuxer: Demuxer, _ streams: Set<Int>, _ limits: MediaLimits) -> Bool {
        guard streams.count == 1, let index = streams.first else { return false }
        let parameters = demuxer.stream(index).pointee.codecpar.pointee
        let bits = av_get_exact_bits_per_sample(parameters.codec_id)
        guard bits > 0, parameters.sample_rate > 0, parameters.ch_layout.nb_channels > 0 else { return false }
        let bytes = Double(bits) / 8 * Double(parameters.sample_rate) * Double(parameters.ch_layout.nb_channels)
        return Double(demuxer.size) / bytes <= limits.duration
    }

    /// From the last place that the index names to the end of the file.
    private static func tail(_ demuxer: Demuxer, _ streams: Set<Int>, tick: () throws -> Void) throws -> Int64? {
        guard let index = streams.min() else { return nil }
        let other = try demuxer.reopened()
        try other.select(streams)
        do {
            try other.seek(stream: index, to: rescale(latestTime, from: .microseconds, to: other.timeBase(index)))
        } catch let error where !error.isShortage {
            return nil
        }
        return last(streams, in: try PacketScan(other, tick: tick))
    }
}
