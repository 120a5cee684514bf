internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The lane of one encoded audio stream: decode, mix and resample, align to its timestamps, encode. All on one thread: it
/// takes a small part of the work on video.
final class AudioLane: Lane, Stage {
    private let plan: AudioPlan
    private let measureLevel: (_ tick: () throws -> Void) throws -> AudioLevel
    private var level = AudioLevel()
    private var painter: Waveform?
    private let decoder: AudioDecoder
    private let encoder: Encoder
    private let stream: Int
    private let tally: ProgressCounters
    private var pipeline: Pipeline?
    private var output: StageQueue<CodedPacket>?
    private let start: Int64
    /// If the rate changes midway, timestamps counted at the first rate are wrong.
    private let countsSamples: Bool
    private var isStamped = false
    private let limits: MediaLimits
    /// Converts every frame to the output's rate, layout and format; rebuilt when the source changes midway.
    private var converter: FilterGraph?
    /// Turns it into one stream without gaps.
    private lazy var timeline = AudioTimeline(
        rate: plan.sampleRate, allow: { [unowned self] in try checkDuration($0) }, emit: { [unowned self] in try frame($0) })
    /// Cuts it into frames of the encoder's size.
    private var framer: FilterGraph?
    private let converted: Frame
    private let framed: Frame
    /// Input and output samples of the framer.
    private var aligned: Int64 = 0
    private var nextPTS: Int64 = 0
    private(set) var encoded = 0

    /// - Parameters:
    ///   - measureLevel: measures the loudness; takes long, and ticks meanwhile. Called on the lane's thread.
    ///   - draws: whether to draw the waveform.
    init(
        _ plan: AudioPlan, measureLevel: @escaping (_ tick: () throws -> Void) throws -> AudioLevel, draws: Bool, source: Demuxer,
        into muxer: Muxer, start: Int64, limits: MediaLimits, tally: ProgressCounters
    ) throws {
        painter = draws ? Waveform() : nil
        self.plan = plan
        self.measureLevel = measureLevel
        self.start = start
        self.limits = limits
        self.tally = tally
        countsSamples = source.countsPackets
        decoder = try plan.tracks.decoder(in: source)
        encoder = try Encoder.aac(plan)
        stream = try muxer.addStream(encoder)
        converted = try Frame()
        framed = try Frame()
    }

    func start(in pipeline: Pipeline, into coded: StageQueue<CodedPacket>) throws -> StageQueue<Packet> {
        let packets = pipeline.queue(of: Packet.self, capacity: QueueCapacity.sound)
        (self.pipeline, output) = (pipeline, coded)
        try pipeline.run("sound", self, from: packets)
        return packets
    }

    var streams: [Int] { plan.tracks.streams }
    /// The waveform, if requested, after everything is done.
    private(set) var bestPicture: Frame?
    var damaged: Int { decoder.damaged }
    /// Microseconds of the output's clock up to which there is audio.
    private var done: Int64 { rescale(aligned, from: encoder.timeBase, to: .microseconds) }

    func begin() throws {
        level = try measureLevel { [tally, pipeline] in
            tally.addPacket()
            try pipeline?.check()
        }
    }

    func feed(_ packet: Packet) throws {
        try decoder.decode(packet, take: take)
    }

    func finish() throws {
        try decoder.decode(nil, take: take)
        try drainConverter(isLast: true)
        try timeline.finish()
        try drainFramer(isLast: true)
        try encoder.send(nil)
        try drainEncoder()
        bestPicture = try painter?.draw()
        try output?.put(CodedPacket(stream: stream, timeBase: encoder.timeBase, packet: nil))
    }

    private func take(_ frame: Frame) throws {
        stamp(frame)
        try convert(frame)
        tally.addFrame(until: done)
    }

    /// Timestamps count samples from the output's zero; audio without one follows the audio before it.
    private func stamp(_ frame: Frame) {
        let sampleBase = AVRational(num: 1, den: CInt(frame.sampleRate))
        let zero = rescale(start, from: .microseconds, to: sampleBase)
        let told = countsSamples && isStamped ? nil : frame.bestEffortTimestamp
        isStamped = true
        frame.pts = told.map { rescale($0, from: decoder.timeBase, to: sampleBase) - zero }
    }

    private func checkDuration(_ more: Int64) throws {
        let end = rescale(aligned + more, from: encoder.timeBase, to: .microseconds)
        guard Double(end) <= limits.duration * 1_000_000 else { throw limits.tooLong }
    }

    private func convert(_ frame: Frame) throws {
        if let converter, !converter.fits(frame) {
            try drainConverter(isLast: true)
            self.converter = nil
        }
        let volume = level.gain == 0 ? "" : ",volume=\(level.gain)dB:precision=float"
        let converter =
            try self.converter
            ?? FilterGraph(
                plan.conversion + volume, like: frame, timeBase: AVRational(num: 1, den: CInt(frame.sampleRate)),
                threads: 1)
        self.converter = converter
        try converter.send(frame)
        try drainConverter(isLast: false)
    }

    private func drainConverter(isLast: Bool) throws {
        guard let converter else { return }
        if isLast { try converter.send(nil) }
        while try converter.receive(into: converted) == .ready {
            if let ceiling = level.ceiling { try converted.cutOff(at: ceiling) }
            // Samples that a resampler held back follow its output: FFmpeg counts from zero if frames had no timestamps.
            converted.pts = isLast ? nil : converted.pts.map { rescale($0, from: converter.timeBase, to: encoder.timeBase) }
            try timeline.put(converted)
            converted.unreference()
        }
    }

    private func frame(_ frame: Frame) throws {
        try checkDuration(Int64(frame.sampleCount))
        let framer = try self.framer ?? FilterGraph("anull", like: frame, timeBase: encoder.timeBase, threads: 1, frameSize: encoder.frameSize)
        self.framer = framer
        frame.pts = aligned
        aligned += Int64(frame.sampleCount)
        try framer.send(frame)
        try drainFramer(isLast: false)
    }

    private func drainFramer(isLast: Bool) throws {
        guard let framer else { return }
        if isLast { try framer.send(nil) }
        while try framer.receive(into: framed) == .ready {
            framed.pts = nextPTS
            nextPTS += Int64(framed.sampleCount)
            encoded += 1
            painter?.take(framed)
            try encoder.send(framed)
            framed.unreference()
            try drainEncoder()
        }
    }

    private func drainEncoder() throws {
        while true {
            let packet = try Packet()
            guard try encoder.receive(into: packet) == .ready else { return }
            try output?.put(CodedPacket(stream: stream, timeBase: encoder.timeBase, packet: packet))
        }
    }
}
