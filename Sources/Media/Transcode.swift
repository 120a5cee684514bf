internal import CFFmpeg
internal import MediaWire

/// Carries out a plan in one pass over the source: a thread reads it and gives every packet to its lane, the lanes work at
/// the same time, and this thread writes what comes out of them and tells how far it is.
struct Transcode {
    /// Milliseconds after which we look how far the threads are, where nothing comes out of them.
    private static let patience = 100

    private let plan: Plan
    private let source: Demuxer
    private let request: MediaRequest
    private let teller: ProgressTeller
    private let muxer: Muxer
    private let pictureLane: (any Lane)?
    private let soundLane: (any Lane)?
    private let tally = Tally()
    /// Microseconds that the headers promise of the streams that are used; nil where they do not say.
    private let promised: Int64?

    init(
        _ plan: Plan, source: Demuxer, files: MediaJob.Files, request: MediaRequest, teller: ProgressTeller
    ) throws {
        self.plan = plan
        self.source = source
        self.request = request
        self.teller = teller
        let profile = request.profile
        let muxer = try Muxer(
            descriptor: files.output, format: plan.keepsSource ? "null" : plan.container.muxer, outputLimit: profile.limits.outputSize)
        let tally = self.tally
        func lane(copying kind: CopyLane.Kind, _ stream: Int) throws -> any Lane {
            try CopyLane(
                kind, stream: stream, source: source, into: muxer, start: plan.start, profile: profile, threads: request.threads,
                tally: tally)
        }
        pictureLane = try plan.picture.map { picture -> any Lane in
            if picture.isCopied { return try lane(copying: .picture(picture), picture.stream) }
            return try PictureLane(
                picture, source: source, into: muxer, start: plan.start, profile: profile, threads: request.threads,
                tally: tally)
        }
        soundLane = try plan.sound.map { sound -> any Lane in
            if sound.isCopied { return try lane(copying: .sound, sound.stream) }
            return try SoundLane(
                sound, measureGain: { try Transcode.gain(sound, { try Demuxer(descriptor: files.source, joining: plan.joins) }, profile.audio, tick: $0) },
                draws: plan.stillPoster == .waveform, source: source, into: muxer, start: plan.start, limits: profile.limits,
                tally: tally)
        }
        self.muxer = muxer
        // Where bytes are missing, FFmpeg tells the duration of what is left.
        let share = max(0.001, source.presentShare)
        promised = Transcode.promise(plan, source).flatMap { $0 > 0 ? Int64(Double($0) / share) : nil }
    }

    /// The container's word counts where a stream has none of its own; a track that is left out does not.
    private static func promise(_ plan: Plan, _ source: Demuxer) -> Int64? {
        let ends = [plan.picture?.stream, plan.sound?.stream].compactMap { $0 }.map { index -> Int64? in
            let stream = source.stream(index).pointee
            guard let duration = microseconds(stream.duration, in: stream.time_base) else { return nil }
            return (microseconds(stream.start_time, in: stream.time_base) ?? 0) + duration - plan.start
        }
        guard ends.contains(nil) else { return ends.compactMap { $0 }.max() }
        return source.duration.map { source.countsFromZero ? max(0, $0 - plan.start) : $0 }
    }

    private var lanes: [any Lane] {
        var lanes: [any Lane] = []
        if let pictureLane { lanes.append(pictureLane) }
        if let soundLane { lanes.append(soundLane) }
        return lanes
    }

    struct Result {
        var outcome: MediaOutcome
        /// The best picture for a poster, if there is one.
        var picture: Frame?
        /// False where a better one may be found by looking at more than went by.
        var isPictureGood: Bool
        /// Parts of the source were seen not to decode.
        var isSourceDamaged: Bool
    }

    /// - Throws: `Reconsideration` where the work shows that the plan was wrong.
    func run() throws -> Result {
        try teller.enter(.transcoding, total: promised)
        try muxer.start()
        let lanes = self.lanes
        let pipeline = Pipeline()
        do {
            let coded = pipeline.queue(of: CodedPacket.self, capacity: QueueCapacity.coded)
            var inputs: [Int: StageQueue<Packet>] = [:]
            for lane in lanes {
                let input = try lane.start(in: pipeline, into: coded)
                for index in lane.streams { inputs[index] = input }
            }
            try read(into: inputs, in: pipeline)
            try write(coded, of: lanes)
        } catch {
            pipeline.stop(error)
        }
        try pipeline.join()
        if lanes.count == 2 {
            if pictureLane?.encoded == 0 {
                throw MediaFailure(.damaged, "The file is damaged: nothing of its picture decodes.", detail: FFmpegLog.lastLines())
            }
            if soundLane?.encoded == 0 { throw Reconsideration(finding: .soundEmpty) }
        }
        try checkShare(lanes)
        try teller.enter(.finishing)
        try muxer.finish()
        return Result(
            outcome: outcome, picture: pictureLane?.bestPicture ?? soundLane?.bestPicture,
            isPictureGood: pictureLane?.isBestPictureGood ?? true, isSourceDamaged: lanes.contains { $0.damaged > 0 })
    }

    /// Begins the thread that reads the source.
    private func read(into inputs: [Int: StageQueue<Packet>], in pipeline: Pipeline) throws {
        // Its thread's alone until the pipeline is joined.
        nonisolated(unsafe) let source = source
        let tally = tally
        try pipeline.run("read") {
            var clock = ClockMender(source)
            while let packet = try source.next() {
                clock.mend(packet, timeBase: source.timeBase(packet.streamIndex))
                tally.addPacket()
                try inputs[packet.streamIndex]?.put(packet, weight: packet.weight)
            }
            for input in inputs.values { input.finish() }
        }
    }

    /// Until every lane has told its end.
    private func write(_ coded: StageQueue<CodedPacket>, of lanes: [any Lane]) throws {
        var interleaver = Interleaver(streams: lanes.count)
        while !interleaver.isDone {
            if let packet = try coded.take(within: Self.patience) { interleaver.put(packet) }
            while let next = interleaver.next(), let packet = next.packet {
                do {
                    try muxer.write(packet, stream: next.stream, timeBase: next.timeBase)
                } catch let error as FFmpegError where error.isOfPacket {
                    throw (lanes[next.stream] as? CopyLane)?.refusal ?? error
                }
            }
            try teller.step(tally)
        }
    }

    /// Decibels by which the sound is turned up.
    private static func gain(_ sound: SoundPlan, _ source: () throws -> Demuxer, _ profile: AudioProfile, tick: () throws -> Void) throws -> Double {
        guard sound.correctsLoudness || sound.limitsPeaks else { return 0 }
        let meter = try LoudnessMeter(sound, source: source(), tick: tick)
        return meter.gain(
            target: profile.loudnessTarget, corrects: sound.correctsLoudness, limitsPeaks: sound.limitsPeaks || meter.mixesDown)
    }

    /// Only what decodes counts: one picture or 0.1 s of sound at least, for any time at all, and the share that the profile
    /// wants.
    private func checkShare(_ lanes: [any Lane]) throws {
        guard (pictureLane?.encoded ?? 0) > 0 || (soundLane?.done ?? 0) >= 100_000 else {
            guard (soundLane?.done ?? 0) == 0 else {
                throw MediaFailure(.damaged, "The recording is shorter than a tenth of a second.")
            }
            throw MediaFailure(
                .damaged, "The file is damaged: nothing in it decodes.", detail: FFmpegLog.lastLines())
        }
        guard (1...latestTime).contains(muxer.duration) else {
            throw MediaFailure(
                .damaged, "The file is damaged: what is in it has no duration that a player could show.",
                detail: "\(muxer.duration) µs")
        }
        guard let total = promised, total > 0 else { return }
        let share = Double(muxer.duration) / Double(total)
        guard share >= request.profile.minimumShare else {
            throw MediaFailure(
                .damaged, "The file is damaged: only \(Int(share * 100)) % of it decodes.",
                detail: FFmpegLog.lastLines())
        }
    }

    private var outcome: MediaOutcome {
        var outcome = MediaOutcome()
        outcome.isRewritten = !plan.keepsSource
        outcome.fileExtension = plan.container.fileExtension
        outcome.mime = plan.container.mime
        outcome.width = plan.picture?.width
        outcome.height = plan.picture?.height
        outcome.duration = Int(muxer.duration)
        outcome.frames = pictureLane?.encoded ?? soundLane?.encoded ?? 0
        outcome.remarks = plan.remarks + (cutShort.map { [$0] } ?? [])
        return outcome
    }

    /// Whether the file ended before its promise.
    private var cutShort: Remark? {
        let share = max(0.001, source.presentShare)
        guard let total = promised ?? (share < 1 ? Int64(Double(muxer.duration) / share) : nil) else { return nil }
        let missing = total - muxer.duration
        guard missing > 1_000_000, Double(missing) > Double(total) * 0.05 else { return nil }
        return .cutShort(converted: Int(muxer.duration), promised: Int(total))
    }
}
