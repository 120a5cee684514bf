internal import CFFmpeg

/// The timestamps of copied audio, from the samples in its packets: players put the packets end to end, and those that follow
/// timestamps instead produce a click at each early or late packet.
struct CopiedAudioTimes {
    /// Packets that determine where the first starts.
    private static let ahead = 32
    /// The maximum deviation of a packet, in seconds.
    private static let jitter = 0.1
    /// The maximum mean deviation, in seconds.
    private static let drift = 0.015

    /// Samples.
    let timeBase: TimeBase
    private let sourceBase: TimeBase
    private let samples: (Packet) -> Int64
    private var waiting: [Packet] = []
    /// The start of the next packet; nil before the first.
    private var next: Int64?
    /// The mean delay of recent packets, in seconds.
    private var lateness = 0.0

    /// Nil if the codec does not tell the samples of a packet.
    init?(_ stream: UnsafeMutablePointer<AVStream>) {
        guard let parameters = stream.pointee.codecpar, parameters.pointee.sample_rate > 0 else { return nil }
        let isAAC = parameters.pointee.codec_id == AV_CODEC_ID_AAC
        guard isAAC || av_get_audio_frame_duration2(parameters, 1000) > 0 else { return nil }
        // Borrowed: valid as long as the demuxer, which outlives the lanes.
        nonisolated(unsafe) let borrowed = parameters
        samples = { packet in
            let count = av_get_audio_frame_duration2(borrowed, CInt(clamping: packet.size))
            return count > 0 ? Int64(count) : 1024
        }
        timeBase = AVRational(num: 1, den: parameters.pointee.sample_rate)
        sourceBase = stream.pointee.time_base
    }

    /// The packets with final timestamps, in order.
    /// - Throws: `Fault` if the timestamps do not match consecutive samples.
    mutating func take(_ packet: Packet) throws(Fault) -> [Packet] {
        guard next == nil else {
            try place(packet)
            return [packet]
        }
        waiting.append(packet)
        return waiting.count > Self.ahead ? try rest() : []
    }

    mutating func rest() throws(Fault) -> [Packet] {
        if next == nil { next = start() }
        defer { waiting = [] }
        for packet in waiting { try place(packet) }
        return waiting
    }

    struct Fault: Error { let reason: String }

    /// The offset that most of the first packets agree on.
    private func start() -> Int64 {
        var counted: Int64 = 0
        let starts = waiting.map { packet in
            defer { counted += samples(packet) }
            return time(packet) - counted
        }
        return starts.isEmpty ? 0 : starts.sorted()[(starts.count - 1) / 2]
    }

    private func time(_ packet: Packet) -> Int64 { rescale(packet.pts ?? 0, from: sourceBase, to: timeBase) }

    private mutating func place(_ packet: Packet) throws(Fault) {
        let time = next ?? 0
        let count = samples(packet)
        let late = Double(self.time(packet) - time) * timeBase.value
        guard abs(late) <= Self.jitter else { throw Fault(reason: late > 0 ? "it has a gap" : "parts of it overlap") }
        lateness += (late - lateness) * min(1, Double(count) * timeBase.value)
        guard abs(lateness) <= Self.drift else { throw Fault(reason: "its timestamps drift from its samples") }
        packet.pointer.pointee.pts = time
        packet.pointer.pointee.dts = time
        // If the source counts samples, too, the last packet may be trimmed.
        let own = packet.pointer.pointee.duration
        packet.pointer.pointee.duration = sourceBase.isEqual(to: timeBase) && (1..<count).contains(own) ? own : count
        next = time + count
    }
}
