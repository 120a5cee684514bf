internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The way of a stream that is right as it is: its packets are taken over. Each is looked at on the way, and the
/// keyframes of a picture stream are decoded, for the poster and as a proof; what is not sound is not copied.
final class CopyLane: Lane, Stage {
    enum Kind { case picture(PicturePlan), sound }

    let streamIndex: Int
    private let timeBase: TimeBase
    private let start: Int64
    private let limits: MediaLimits
    private let stream: Int
    private let tally: Tally
    private var output: StageQueue<CodedPacket>?
    private let keyframes: KeyframeProof?
    private let inspector: AccessUnitInspector?
    private var soundInspector: SoundInspector?
    private let remover: NoteRemover?
    /// Marks of keyframes that are none are taken away.
    private let mendsIndex: Bool
    private let scout: FieldScout?
    private var scouted: StageQueue<Packet>?
    private var order: DecodingTimes
    private var lastDTS: Int64?
    /// Where the last packet of sound ends, as far as it says.
    private var soundEnd: Int64?
    /// Samples in each packet of sound, and in a second; 0 where that is not told.
    private let packetSamples: CInt
    private let sampleRate: CInt
    private let isMP3: Bool
    private var frameKind: MPEGAudioFrame.Kind?
    private var isCutOff = false
    private var runStart: Int64?
    private var runPackets: Int64 = 0
    private var frames = 0
    private(set) var done: Int64 = 0
    var encoded: Int { frames }
    var damaged: Int { 0 }
    var bestPicture: Frame? { keyframes?.chosen.best }
    /// A time that is wanted lies between two keyframes, most likely.
    var isBestPictureGood: Bool { keyframes.map { $0.chosen.isGood && !$0.chosen.hasWish } ?? true }

    init(
        _ kind: Kind, stream index: Int, source: Demuxer, into muxer: Muxer, start: Int64, profile: Profile, threads: Int,
        tally: Tally
    ) throws {
        streamIndex = index
        self.tally = tally
        self.start = start
        limits = profile.limits
        let stream = source.stream(index)
        timeBase = stream.pointee.time_base
        let colour: Colour? = if case .picture(let plan) = kind { plan.facts.colour } else { nil }
        self.stream = try muxer.addStream(copying: stream, colour: colour)
        order = DecodingTimes(stream)
        let parameters = stream.pointee.codecpar.pointee
        isMP3 = parameters.codec_id == AV_CODEC_ID_MP3
        (packetSamples, sampleRate) = parameters.sample_rate > 0 ? (parameters.frame_size, parameters.sample_rate) : (0, 1)
        if case .picture(let plan) = kind {
            keyframes = try KeyframeProof(
                plan, stream: stream, start: start, source: source, profile: profile, threads: threads)
            inspector = AccessUnitInspector(stream)
            remover = plan.removesNotes ? try NoteRemover(stream) : nil
            mendsIndex = plan.mendsIndex
            scout = plan.watchesForFields ? try FieldScout(stream, limits: profile.limits) : nil
        } else {
            keyframes = nil
            inspector = nil
            soundInspector = SoundInspector(stream)
            remover = nil
            mendsIndex = false
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
        guard packet.pts != nil else { throw objection("a packet has no time") }
        guard packet.size > 0 else { throw objection("a packet is empty") }
        if keyframes != nil, packet.pointer.pointee.flags & (AV_PKT_FLAG_DISCARD | AV_PKT_FLAG_CORRUPT) != 0 {
            throw objection("an edit list or damage cuts into its groups of pictures")
        }
        switch inspector?.inspect(packet) {
        case .objection(let reason)?: throw objection(reason)
        case .note? where remover == nil: throw Reconsideration(finding: .pictureHasNotes)
        case .note?, .fine?, nil: break
        }
        if let reason = soundInspector?.objection(to: packet) { throw objection(reason) }
        if keyframes == nil { try checkContinuity(packet) }
        if isMP3, try isNoSound(packet) { return }
        if frames == 0, keyframes != nil, !packet.isKey { throw objection("it does not begin with a keyframe") }
        if packet.isKey, inspector?.isWholeByItself(packet) == false {
            guard mendsIndex else { throw Reconsideration(finding: .indexIsWrong) }
            packet.pointer.pointee.flags &= ~AV_PKT_FLAG_KEY
        }
        if packet.isKey { try keyframes?.put(packet) }
        if let scout, !scout.isDone {
            try scouted?.put(try packet.reference(), weight: packet.weight)
        }
        frames += 1
        guard frames <= limits.frames || keyframes == nil else { throw limits.tooManyFrames }
        for packet in try order.take(packet) { try write(packet) }
    }

    /// Whether an MP3's packet is the table of a recording that was joined to another, of which the result has its own, or
    /// less than a frame.
    private func isNoSound(_ packet: Packet) throws -> Bool {
        let bytes = UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size)
        guard !isCutOff, let frame = MPEGAudioFrame(bytes), frame.size >= packet.size else {
            throw objection("it is not made of whole frames")
        }
        // The last frame of an upload that broke off: a part of one is none.
        isCutOff = frame.size > packet.size
        if isCutOff { return true }
        guard frameKind == nil || frame.kind == frameKind else { throw objection("its frames are of several kinds") }
        frameKind = frame.kind
        return frame.table(in: bytes) != nil
    }

    /// Microseconds by which the times of sound may be off: more can be heard, and players do with it what they like.
    private static let slack: Int64 = 50_000

    private func checkContinuity(_ packet: Packet) throws {
        guard let pts = packet.pts else { return }
        if let soundEnd {
            let distance = rescale(pts - soundEnd, from: timeBase, to: .microseconds)
            guard abs(distance) <= Self.slack else { throw objection(distance > 0 ? "there is a gap in it" : "parts of it overlap") }
        }
        let duration = packet.pointer.pointee.duration
        soundEnd = duration > 0 ? pts + duration : nil
        try checkRate(pts)
    }

    /// Players play samples at their rate, whatever the times say: a packet of sound takes as long as it has samples.
    private func checkRate(_ pts: Int64) throws {
        guard packetSamples > 0 else { return }
        guard let first = runStart else { return runStart = pts }
        runPackets += 1
        let told = rescale(pts - first, from: timeBase, to: .microseconds)
        let heard = rescale(runPackets * Int64(packetSamples), from: TimeBase(num: 1, den: sampleRate), to: .microseconds)
        guard abs(told - heard) <= Self.slack else { throw objection("its times are not those of its samples") }
        // A clock that drifts a little is none of a wrong rate.
        if told > 5_000_000 { (runStart, runPackets) = (pts, 0) }
    }

    func finish() throws {
        keyframes?.finish()
        scouted?.finish()
        for packet in order.rest() { try write(packet) }
        try output?.put(CodedPacket(stream: stream, timeBase: timeBase, packet: nil))
    }

    private func write(_ packet: Packet) throws {
        guard let pts = packet.pts, let dts = packet.dts else { throw objection("a packet has no time") }
        guard dts > lastDTS ?? Int64.min, dts <= pts || keyframes == nil else { throw objection("its times do not rise") }
        lastDTS = dts
        let zero = rescale(start, from: .microseconds, to: timeBase)
        done = max(done, rescale(pts - zero, from: timeBase, to: .microseconds))
        tally.addFrame(until: done)
        guard Double(done) <= limits.duration * 1_000_000 else { throw limits.tooLong }
        packet.pointer.pointee.pts = pts - zero
        packet.pointer.pointee.dts = dts - zero
        if let remover, try !remover.clean(packet) { return }
        try output?.put(CodedPacket(stream: stream, timeBase: timeBase, packet: packet))
    }

    /// What is to be done where no muxer takes one of its packets.
    var refusal: any Error { objection("a packet is damaged, and no MP4 takes it") }

    private func objection(_ reason: String) -> Reconsideration {
        Reconsideration(finding: keyframes == nil ? .soundNotCopyable(reason) : .pictureNotCopyable(reason))
    }
}

/// Matroska stores no decoding times; FFmpeg guesses them, but not those of the first pictures. They are set so far
/// before the first that is known as there are pictures between.
private struct DecodingTimes {
    /// No H.264 stream holds back more pictures.
    private static let most = 16

    private let step: Int64
    private var held: [Packet] = []
    private var isKnown = false

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let rate = stream.pointee.avg_frame_rate
        let picture = rate.isPositive ? Int64(1_000_000 / rate.value) : 40_000
        step = max(1, rescale(picture, from: .microseconds, to: stream.pointee.time_base))
    }

    /// The packets that are ready to be written, in their order.
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
