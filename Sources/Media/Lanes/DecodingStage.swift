internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// A decoded frame on its way to the encoder. Its time counts in `timeBase`.
struct Picture {
    let frame: Frame
    let timeBase: TimeBase
    /// Its display duration, in `timeBase`: a filter that halves the time base does not adjust its frame's.
    let duration: Int64
}

/// Decodes packets into frames with times on the output's clock.
final class DecodingStage: Stage {
    private let plan: VideoPlan
    private let decoder: Decoder
    private let start: Int64
    private let limits: MediaLimits
    private let tally: ProgressCounters
    private let output: StageQueue<Picture>
    private var fields = InterlaceDetector()
    private var lastEnd: Int64?
    private var frames = 0
    /// Microseconds of the output's clock up to which frames were decoded.
    private var done: Int64 = 0

    init(
        _ plan: VideoPlan, decoder: Decoder, start: Int64, limits: MediaLimits, tally: ProgressCounters, into output: StageQueue<Picture>
    ) {
        self.plan = plan
        self.decoder = decoder
        self.start = start
        self.limits = limits
        self.tally = tally
        self.output = output
    }

    func feed(_ packet: Packet) throws {
        if packet.startsAnew {
            try decoder.send(nil)
            try drain()
            decoder.restart()
        }
        try decoder.send(packet)
        try drain()
    }

    func finish() throws {
        try decoder.send(nil)
        try drain()
        output.finish()
    }

    private func drain() throws {
        while true {
            let frame = try Frame()
            guard try decoder.receive(into: frame) == .ready else { return }
            frames += 1
            guard frames <= limits.frames else { throw limits.tooManyFrames }
            try limits.check(width: frame.width, height: frame.height)
            let duration = stamp(frame)
            tally.addFrame(until: done)
            guard Double(done) <= limits.duration * 1_000_000 else { throw limits.tooLong }
            if plan.watchesForFields { try fields.look(at: frame, time: done) }
            if let since = plan.fieldsSince, done >= since.time { frame.setInterlaced(topFieldFirst: since.topFieldFirst) }
            try output.put(Picture(frame: frame, timeBase: decoder.timeBase, duration: duration))
        }
    }

    /// Times count from the output's zero; a frame without one follows the frame before it. Returns its display duration.
    private func stamp(_ frame: Frame) -> Int64 {
        let zero = rescale(start, from: .microseconds, to: decoder.timeBase)
        let pts = frame.bestEffortTimestamp.map { $0 - zero } ?? lastEnd ?? 0
        frame.pts = pts
        // A single frame longer than the maximum duration is damage.
        let longest = rescale(Int64(limits.duration * 1_000_000), from: .microseconds, to: decoder.timeBase)
        let duration =
            (1...max(1, longest)).contains(frame.duration)
            ? frame.duration
            : rescale(Int64(1_000_000 * Double(plan.picturesPerFrame) / max(plan.frameRate, 0.1)), from: .microseconds, to: decoder.timeBase)
        lastEnd = pts + duration
        done = max(done, rescale(pts, from: decoder.timeBase, to: .microseconds))
        // The encoder chooses its own frame types.
        frame.pointer.pointee.pict_type = AV_PICTURE_TYPE_NONE
        return duration
    }
}
