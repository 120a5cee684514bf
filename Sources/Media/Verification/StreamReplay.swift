internal import CFFmpeg
internal import MediaWire

/// Follows one stream of a finished file through all of its packets and decodes samples of it, like a player that seeks.
/// Fed by one thread; each sample is decoded on another.
final class StreamReplay {
    let isPicture: Bool
    /// Remaining ones, in order.
    private var waiting: ArraySlice<Part>
    private let samples: [SampleReplay]
    private var lastTime: Int64?
    /// A packet has no timestamp, or one that does not increase.
    private(set) var timeFault: String?

    private struct Part {
        let times: ClosedRange<Int64>
        let queue: StageQueue<Packet>
    }

    /// Starts the threads of its samples.
    init(_ demuxer: Demuxer, stream index: Int, samples: StreamSamples, fieldsFrom: Int64?, in pipeline: Pipeline) throws {
        let stream = demuxer.stream(index)
        isPicture = demuxer.isPicture(index)
        self.samples = try samples.parts.map { _ in try SampleReplay(stream, looks: samples.looks, fieldsFrom: fieldsFrom) }
        waiting = []
        for (sample, times) in zip(self.samples, samples.parts) {
            let queue = pipeline.queue(of: Packet.self, capacity: QueueCapacity.samples)
            try pipeline.run("verify", sample, from: queue)
            waiting.append(Part(times: times, queue: queue))
        }
    }

    /// Takes the stream's next packet.
    func take(_ packet: Packet) throws {
        lookAtTimes(packet)
        let time = packet.dts ?? packet.pts ?? lastTime ?? 0
        lastTime = time
        while let part = waiting.first, time > part.times.upperBound {
            part.queue.finish()
            waiting.removeFirst()
        }
        guard let part = waiting.first, part.times.contains(time) else { return }
        try part.queue.put(packet, weight: packet.weight)
    }

    /// No more packets follow.
    func finish() {
        for part in waiting { part.queue.finish() }
        waiting = []
    }

    private func lookAtTimes(_ packet: Packet) {
        guard timeFault == nil else { return }
        guard let dts = packet.dts, packet.pts != nil else { return timeFault = "a packet without a timestamp" }
        if let lastTime, dts <= lastTime { timeFault = "timestamps do not increase: \(lastTime), then \(dts)" }
    }

    // The following is known once the pipeline has ended.

    /// Packets and frames that failed to decode.
    var damaged: Int { samples.reduce(0) { $0 + $1.damaged } }
    var frames: Int { samples.reduce(0) { $0 + $1.frames } }
    /// The peak amplitude of the decoded audio, relative to 1.
    var peak: Float { samples.reduce(0) { max($0, $1.peak) } }
    /// The frames are not output in the order of their timestamps, and a player drops late ones.
    var isJumbled: Bool { samples.contains(where: \.isJumbled) }
}
