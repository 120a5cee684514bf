internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The way of one sound stream that is encoded: decode, repair its timing, mix and resample, encode. All on one thread: it
/// takes a small part of what a picture takes.
final class SoundLane: Lane, Stage {
    private let plan: SoundPlan
    private let measureGain: (_ tick: () throws -> Void) throws -> Double
    private var gain = 0.0
    private var painter: Waveform?
    private let decoder: any SoundDecoder
    private let encoder: Encoder
    private let stream: Int
    private let tally: Tally
    private var pipeline: Pipeline?
    private var output: StageQueue<CodedPacket>?
    private let start: Int64
    /// Where the rate changes on the way, times that were counted by the first rate are wrong.
    private let countsSamples: Bool
    private let limits: MediaLimits
    /// Brings every frame to the output's rate, layout and format; made anew where the source changes on the way.
    private var converter: FilterGraph?
    /// Makes one gapless stream of what comes, in frames of the encoder's size.
    private var repairer: FilterGraph?
    private let decoded: Frame
    private let converted: Frame
    private let repaired: Frame
    private var nextPTS: Int64 = 0
    /// Samples of the output up to which the repairer has been given sound.
    private var repairedEnd: Int64 = 0
    private var lastDecodedEnd: Int64?
    private(set) var encoded = 0

    /// - Parameters:
    ///   - measureGain: decibels by which to turn it up; takes its time, and ticks meanwhile. Called on the lane's thread.
    ///   - draws: whether a picture of the waveform is wanted.
    init(
        _ plan: SoundPlan, measureGain: @escaping (_ tick: () throws -> Void) throws -> Double, draws: Bool, source: Demuxer,
        into muxer: Muxer, start: Int64, limits: MediaLimits, tally: Tally
    ) throws {
        painter = draws ? Waveform() : nil
        self.plan = plan
        self.measureGain = measureGain
        self.start = start
        self.limits = limits
        self.tally = tally
        countsSamples = source.countsPackets
        decoder = try plan.tracks.decoder(in: source)
        encoder = try Encoder.aac(plan)
        stream = try muxer.addStream(encoder)
        decoded = try Frame()
        converted = try Frame()
        repaired = try Frame()
    }

    func start(in pipeline: Pipeline, into coded: StageQueue<CodedPacket>) throws -> StageQueue<Packet> {
        let packets = pipeline.queue(of: Packet.self, capacity: QueueCapacity.sound)
        (self.pipeline, output) = (pipeline, coded)
        try pipeline.run("sound", self, from: packets)
        return packets
    }

    var streamIndex: Int { plan.stream }
    var streams: [Int] { plan.tracks.streams }
    /// The drawing of the waveform, where it is wanted, once all is done.
    private(set) var bestPicture: Frame?
    var damaged: Int { decoder.damaged }
    /// Microseconds of the output's clock up to which sound was decoded.
    private(set) var done: Int64 = 0

    func begin() throws {
        gain = try measureGain { [tally, pipeline] in
            tally.addPacket()
            try pipeline?.check()
        }
    }

    func feed(_ packet: Packet) throws {
        try decoder.send(packet)
        try drainDecoder()
    }

    func finish() throws {
        try decoder.send(nil)
        try drainDecoder()
        try drainConverter(isLast: true)
        try drainRepairer(isLast: true)
        try encoder.send(nil)
        try drainEncoder()
        bestPicture = try painter?.draw()
        try output?.put(CodedPacket(stream: stream, timeBase: encoder.timeBase, packet: nil))
    }

    private func drainDecoder() throws {
        while try decoder.receive(into: decoded) == .ready {
            guard decoded.sampleRate > 0, decoded.channels > 0 else { continue }
            decoded.completeLayout()
            guard decoded.hasLayout else { continue }
            stamp(decoded)
            tally.addFrame(until: done)
            // Before a gap is filled, not after.
            guard Double(done) <= limits.duration * 1_000_000 else { throw limits.tooLong }
            try decoded.tameSamples()
            try convert(decoded)
            decoded.unreference()
        }
    }

    /// Times count in samples from the output's zero; sound without one follows the sound before it.
    private func stamp(_ frame: Frame) {
        let sampleBase = AVRational(num: 1, den: CInt(frame.sampleRate))
        let zero = rescale(start, from: .microseconds, to: sampleBase)
        let told = countsSamples && lastDecodedEnd != nil ? nil : frame.bestEffortTimestamp
        let pts =
            told.map { rescale($0, from: decoder.timeBase, to: sampleBase) - zero }
            ?? lastDecodedEnd.map { rescale($0, from: .microseconds, to: sampleBase) } ?? 0
        frame.pts = pts
        let end = rescale(pts + Int64(frame.sampleCount), from: sampleBase, to: .microseconds)
        lastDecodedEnd = end
        done = max(done, end)
    }

    private func convert(_ frame: Frame) throws {
        if let converter, !converter.fits(frame) {
            try drainConverter(isLast: true)
            self.converter = nil
        }
        let volume = gain == 0 ? "" : ",volume=\(gain)dB:precision=float"
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
            // By the timestamps: gaps become silence, overlaps are cut, and the beginning is filled up to zero.
            let repairer =
                try self.repairer
                ?? FilterGraph(
                    "aresample=async=1:min_hard_comp=0.015:first_pts=0", like: converted, timeBase: converter.timeBase,
                    threads: 1, frameSize: encoder.frameSize)
            self.repairer = repairer
            try fillGap(before: converted, repairer)
            try repairer.send(converted)
            repairedEnd = max(repairedEnd, (converted.pts ?? repairedEnd) + Int64(converted.sampleCount))
            converted.unreference()
            try drainRepairer(isLast: false)
        }
    }

    /// The repairer holds all the silence of a gap in memory at once: of a long one it is given a second at a time.
    private func fillGap(before frame: Frame, _ repairer: FilterGraph) throws {
        let second = Int64(plan.sampleRate)
        while let pts = frame.pts, pts - repairedEnd > second {
            let silence = try Frame.silence(like: frame, samples: plan.sampleRate)
            silence.pts = repairedEnd
            repairedEnd += second
            try repairer.send(silence)
            try drainRepairer(isLast: false)
        }
    }

    private func drainRepairer(isLast: Bool) throws {
        guard let repairer else { return }
        if isLast { try repairer.send(nil) }
        while try repairer.receive(into: repaired) == .ready {
            repaired.pts = nextPTS
            nextPTS += Int64(repaired.sampleCount)
            encoded += 1
            painter?.take(repaired)
            try encoder.send(repaired)
            repaired.unreference()
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
