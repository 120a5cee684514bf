internal import CFFmpeg
internal import MediaWire

/// The duration of a recording, from its packets instead of its header, before decoding.
///
/// Its cost: nothing if an MP4's sample table, or the size of uncompressed audio, tells it, or if a file is
/// too small to exceed the limit; the end of the file if the container has a continuous clock; otherwise one pass over
/// the whole file, without decoding: some hundred megabytes per second.
enum DurationScan {
    /// Bytes per second of the lowest audio bitrate.
    private static let leastBytes = 500.0
    /// Containers with one continuous clock, so that the last timestamps tell the length.
    private static let ofOneClock: Set<String> = ["matroska,webm", "avi", "asf", "nut", "mxf", "wtv"]

    /// The end of the last of several streams in microseconds of the source's clock; nil if it cannot exceed the limit.
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

    /// Uncompressed audio alone: bytes are proportional to seconds.
    private static func isSettledByBytes(_ demuxer: Demuxer, _ streams: Set<Int>, _ limits: MediaLimits) -> Bool {
        guard streams.count == 1, let index = streams.first else { return false }
        let parameters = demuxer.stream(index).pointee.codecpar.pointee
        let bits = av_get_exact_bits_per_sample(parameters.codec_id)
        guard bits > 0, parameters.sample_rate > 0, parameters.ch_layout.nb_channels > 0 else { return false }
        let bytes = Double(bits) / 8 * Double(parameters.sample_rate) * Double(parameters.ch_layout.nb_channels)
        return Double(demuxer.size) / bytes <= limits.duration
    }

    /// From the last indexed position to the end of the file.
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
