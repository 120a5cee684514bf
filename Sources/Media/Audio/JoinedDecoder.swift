internal import CFFmpeg
internal import CFFmpegShims

/// Decodes several mono streams into multi-channel frames, each sample at its time: if one
/// stream has a gap, or ends before the others, its channel is silent. One thread at a time.
final class JoinedDecoder: AudioFrames {
    /// A decoded block of one channel.
    private struct Block {
        let frame: Frame
        /// In samples, of the first remaining one.
        var time: Int64
        /// Samples already used.
        var offset = 0

        var count: Int { frame.sampleCount - offset }
        var end: Int64 { time + Int64(count) }
    }

    private final class Channel {
        let decoder: Decoder
        var blocks: [Block] = []
        /// The end of the last block, in samples.
        var end: Int64?

        init(_ decoder: Decoder) { self.decoder = decoder }

        /// Waiting samples.
        var waiting: Int64 { (end ?? 0) - (blocks.first?.time ?? end ?? 0) }
    }

    /// How many seconds one channel may be ahead of another in the file.
    private static let longestWait: Int64 = 60
    /// Maximum samples of a frame.
    private static let frameSize = 8192

    let timeBase: TimeBase
    private let rate: Int64
    private let layout: String
    private let channels: [(stream: Int, channel: Channel)]
    private let decoded: Frame
    private var isAtEnd = false

    init(_ tracks: AudioTracks, in source: Demuxer) throws {
        rate = Int64(tracks.sampleRate)
        timeBase = AVRational(num: 1, den: CInt(tracks.sampleRate))
        layout = tracks.layout ?? "stereo"
        decoded = try Frame()
        channels = try tracks.streams.map { index in
            (index, Channel(try Decoder(stream: source.stream(index), threads: 1, allowed: AllowList.audioDecoders)))
        }
    }

    var damaged: Int { channels.reduce(0) { $0 + $1.channel.decoder.damaged } }

    func send(_ packet: Packet?) throws {
        if packet == nil { isAtEnd = true }
        for (stream, channel) in channels where packet == nil || packet?.streamIndex == stream {
            try channel.decoder.send(packet)
            while try channel.decoder.receive(into: decoded) == .ready { try take(decoded, channel) }
        }
    }

    private func take(_ frame: Frame, _ channel: Channel) throws {
        defer { frame.unreference() }
        guard frame.sampleCount > 0 else { return }
        guard frame.channels == 1, Int64(frame.sampleRate) == rate else { throw ReplanRequest(finding: .soundNotJoinable) }
        var time = frame.bestEffortTimestamp.map { rescale($0, from: channel.decoder.timeBase, to: timeBase) } ?? channel.end ?? 0
        // Less than 40 ms is jitter, and an overlap is not intended.
        if let end = channel.end, abs(time - end) <= rate / 25 || time < end { time = end }
        channel.blocks.append(Block(frame: try frame.reference(), time: time))
        channel.end = time + Int64(frame.sampleCount)
        guard channel.waiting <= rate * Self.longestWait else { throw ReplanRequest(finding: .soundNotJoinable) }
    }

    func receive(into frame: Frame) throws -> CodecOutput {
        let heads = channels.map { $0.channel.blocks.first }
        guard let start = heads.compactMap({ $0?.time }).min() else { return isAtEnd ? .finished : .needsInput }
        guard isAtEnd || !heads.contains(where: { $0 == nil }) else { return .needsInput }
        // Up to the end of the first block, or the start of a channel that is silent until then.
        let end = heads.compactMap { head in head.map { $0.time == start ? $0.end : $0.time } }.min() ?? start
        let count = min(Int(end - start), Self.frameSize)
        try prepare(frame, count: count, like: heads.compactMap { $0 }[0].frame)
        frame.pointer.pointee.best_effort_timestamp = start
        frame.pointer.pointee.pts = start
        for (place, (_, channel)) in channels.enumerated() where channel.blocks.first?.time == start { try copy(count, from: channel, to: frame, place) }
        return .ready
    }

    /// A frame of silence.
    private func prepare(_ frame: Frame, count: Int, like block: Frame) throws {
        frame.unreference()
        let format = av_get_planar_sample_fmt(AVSampleFormat(rawValue: block.pointer.pointee.format))
        frame.pointer.pointee.format = format.rawValue
        frame.pointer.pointee.sample_rate = CInt(rate)
        frame.pointer.pointee.nb_samples = CInt(count)
        try check(av_channel_layout_from_string(&frame.pointer.pointee.ch_layout, layout), "av_channel_layout_from_string")
        try check(av_frame_get_buffer(frame.pointer, 0), "av_frame_get_buffer")
        try check(
            av_samples_set_silence(frame.pointer.pointee.extended_data, 0, CInt(count), CInt(channels.count), format),
            "av_samples_set_silence")
    }

    private func copy(_ count: Int, from channel: Channel, to frame: Frame, _ place: Int) throws {
        let block = channel.blocks[0]
        let format = AVSampleFormat(rawValue: block.frame.pointer.pointee.format)
        guard av_get_planar_sample_fmt(format).rawValue == frame.pointer.pointee.format else {
            throw ReplanRequest(finding: .soundNotJoinable)
        }
        let bytes = Int(av_get_bytes_per_sample(format))
        if let from = block.frame.pointer.pointee.extended_data[0], let to = frame.pointer.pointee.extended_data[place] {
            to.update(from: from + block.offset * bytes, count: count * bytes)
        }
        channel.blocks[0].offset += count
        channel.blocks[0].time += Int64(count)
        if channel.blocks[0].count <= 0 { channel.blocks.removeFirst() }
    }
}
