internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The lane of a stream that is copied. Each packet is inspected on the way, and the
/// keyframes of video are decoded, for the poster and as a check; a faulty stream is not copied.
final class CopyLane: Lane, Stage {
    enum Kind { case picture(VideoPlan), sound }

    let streams: [Int]
    private let timeBase: TimeBase
    private let start: Int64
    private let limits: MediaLimits
    private let stream: Int
    private let tally: ProgressCounters
    private var output: StageQueue<CodedPacket>?
    private let keyframes: KeyframeVerifier?
    private let inspector: AccessUnitInspector?
    private var soundInspector: AudioInspector?
    /// Removes the supplemental units (SEI): players need none of them, and cameras write metadata there.
    private let remover: BitstreamFilter?
    /// Removes wrong keyframe flags.
    private let repairsIndex: Bool
    private let scout: InterlaceScan?
    private var scouted: StageQueue<Packet>?
    private var order: DecodingTimes
    private var lastDTS: Int64?
    /// Nil for video, and for audio whose timestamps are copied.
    private var soundTimes: CopiedAudioTimes?
    private var mp3: MPEGAudioPackets?
    private var frames = 0
    /// Microseconds of the output's clock.
    private var done: Int64 = 0
    var encoded: Int { frames }
    var damaged: Int { 0 }
    var bestPicture: Frame? { keyframes?.chosen.best }
    /// A requested time is most likely between two keyframes.
    var isBestPictureGood: Bool { keyframes.map { $0.chosen.isGood && !$0.chosen.hasWish } ?? true }

    init(
        _ kind: Kind, stream index: Int, source: Demuxer, into muxer: Muxer, start: Int64, profile: Profile, threads: Int,
        tally: ProgressCounters
    ) throws {
        streams = [index]
        self.tally = tally
        self.start = start
        limits = profile.limits
        let stream = source.stream(index)
        let isMP3 = stream.pointee.codecpar.pointee.codec_id == AV_CODEC_ID_MP3
        // A plain MP3 has no timestamps except the count of its frames.
        if case .sound = kind, !(isMP3 && source.countsPackets) { soundTimes = CopiedAudioTimes(stream) }
        timeBase = soundTimes?.timeBase ?? stream.pointee.time_base
        if isMP3 { mp3 = MPEGAudioPackets(timeBase: timeBase, countsFrames: source.countsPackets) }
        let colour: Colour? = if case .picture(let plan) = kind { plan.facts.colour } else { nil }
        self.stream = try muxer.addStream(copying: stream, colour: colour)
        order = DecodingTimes(stream)
        if case .picture(let plan) = kind {
            keyframes = try KeyframeVerifier(
                plan, stream: stream, start: start, source: source, profile: profile, threads: threads)
            inspector = AccessUnitInspector(stream)
            remover = plan.removesNotes ? try BitstreamFilter("filter_units", options: ["remove_types": "6"], stream: stream) : nil
            repairsIndex = plan.repairsIndex
            scout = plan.watchesForFields ? try InterlaceScan(stream, limits: profile.limits) : nil
        } else {
            keyframes = nil
            inspector = nil
            soundInspector = AudioInspector(stream)
            remover = nil
            repairsIndex = false
            scout = nil
        }
    }

    func start(in pipeline: Pipeline, into coded: StageQueue<CodedPacket>) throws -> StageQueue<Packet> {
        let packets = pipeline.queue(of: Packet.self, capacity: keyframes == nil ? QueueCapacity.sound : QueueCapacity.pictures)
        output = coded
        try keyframes?.start(in: pipeline)
        if let scout {
            let queue = pipeline.queue(of: Packet.self, capacity: QueueCapacity.samples)
            try pipeline.run("fields", scout, from: queue)
            scouted = queue
        }
        try pipeline.run("copy", self, from: packets)
        return packets
    }

    func feed(_ packet: Packet) throws {
        guard packet.pts != nil else { throw objection("a packet has no timestamp") }
        guard packet.size > 0 else { throw objection("a packet is empty") }
        if keyframes != nil, packet.pointer.pointee.flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT) != 0 {
            throw objection("an edit list or damage breaks its groups of pictures")
        }
        switch inspector?.inspect(packet) {
        case .objection(let reason)?: throw objection(reason)
        case .note? where remover == nil: throw ReplanRequest(finding: .pictureHasNotes)
        case .note?, .fine?, nil: break
        }
        if mp3 != nil {
            do {
                for frame in try mp3?.take(packet) ?? [] { try pass(frame) }
            } catch let fault as MPEGAudioPackets.Fault {
                throw objection(fault.reason)
            }
        } else if let reason = soundInspector?.objection(to: packet) {
            throw objection(reason)
        } else {
            try pass(packet)
        }
    }

    private func pass(_ packet: Packet) throws {
        if frames == 0, keyframes != nil, !packet.isKey { throw objection("it does not begin with a keyframe") }
        if packet.isKey, inspector?.isWholeByItself(packet) == false {
            guard repairsIndex else { throw ReplanRequest(finding: .indexIsWrong) }
            packet.pointer.pointee.flags &= ~AV_PKT_FLAG_KEY
        }
        if packet.isKey { try keyframes?.put(packet) }
        if let scout, !scout.isDone {
            try scouted?.put(try packet.reference(), weight: packet.weight)
        }
        frames += 1
        guard frames <= limits.frames || keyframes == nil else { throw limits.tooManyFrames }
        for packet in try settled({ try $0?.take(packet) }) ?? order.take(packet) { try write(packet) }
    }

    /// Audio packets with final timestamps; nil for others.
    private func settled(_ take: (inout CopiedAudioTimes?) throws -> [Packet]?) throws -> [Packet]? {
        do { return try take(&soundTimes) } catch let fault as CopiedAudioTimes.Fault { throw objection(fault.reason) }
    }

    func finish() throws {
        keyframes?.finish()
        scouted?.finish()
        for packet in try settled({ try $0?.rest() }) ?? order.rest() { try write(packet) }
        try output?.put(CodedPacket(stream: stream, timeBase: timeBase, packet: nil))
    }

    private func write(_ packet: Packet) throws {
        guard let pts = packet.pts, let dts = packet.dts else { throw objection("a packet has no timestamp") }
        guard dts > lastDTS ?? Int64.min, dts <= pts || keyframes == nil else { throw objection("its timestamps do not increase") }
        lastDTS = dts
        let zero = rescale(start, from: .microseconds, to: timeBase)
        done = max(done, rescale(pts - zero, from: timeBase, to: .microseconds))
        tally.addFrame(until: done)
        guard Double(done) <= limits.duration * 1_000_000 else { throw limits.tooLong }
        packet.pointer.pointee.pts = pts - zero
        packet.pointer.pointee.dts = dts - zero
        if let remover, try !remover.filter(packet) { return }
        try output?.put(CodedPacket(stream: stream, timeBase: timeBase, packet: packet))
    }

    /// How to continue if no muxer accepts one of its packets.
    var refusal: any Error { objection("a damaged packet cannot be written to MP4") }

    private func objection(_ reason: String) -> ReplanRequest {
        ReplanRequest(finding: keyframes == nil ? .soundNotCopyable(reason) : .pictureNotCopyable(reason))
    }
}

/// Matroska stores no decoding times; FFmpeg guesses them, except for the first frames. Those are set back
/// from the first known one by their number.
private struct DecodingTimes {
    /// No H.264 stream has a larger reorder delay.
    private static let most = 16

    private let step: Int64
    private var held: [Packet] = []
    private var isKnown = false

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let rate = stream.pointee.avg_frame_rate
        let picture = rate.isPositive ? Int64(1_000_000 / rate.value) : 40_000
        step = max(1, rescale(picture, from: .microseconds, to: stream.pointee.time_base))
    }

    /// The packets that are ready to be written, in order.
    mutating func take(_ packet: Packet) throws -> [Packet] {
        if isKnown { return [packet] }
        held.append(packet)
        guard let first = packet.dts else { return held.count > Self.most ? rest() : [] }
        for (distance, packet) in held.reversed().enumerated().dropFirst() {
            packet.pointer.pointee.dts = first - Int64(distance) * step
        }
        return rest()
    }

    mutating func rest() -> [Packet] {
        isKnown = true
        defer { held = [] }
        return held
    }
}
