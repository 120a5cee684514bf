internal import CFFmpeg
internal import MediaWire
internal import Verdicts

/// Executes a plan in one pass over the source: a thread reads it and passes every packet to its lane, the lanes work
/// in parallel, and this thread writes their output and reports progress.
struct Transcode {
    /// Milliseconds between progress checks while no output comes.
    private static let progressInterval = 100

    private let plan: Plan
    private let source: Demuxer
    private let request: MediaRequest
    private let teller: ProgressReporter
    private let muxer: Muxer
    private let pictureLane: (any Lane)?
    private let soundLane: (any Lane)?
    private let tally = ProgressCounters()

    init(
        _ plan: Plan, source: Demuxer, files: MediaJob.Files, request: MediaRequest, teller: ProgressReporter
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
            return try VideoLane(
                picture, source: source, into: muxer, start: plan.start, profile: profile, threads: request.threads,
                tally: tally)
        }
        soundLane = try plan.sound.map { sound -> any Lane in
            if sound.isCopied { return try lane(copying: .sound, sound.stream) }
            return try AudioLane(
                sound, measureLevel: { try Transcode.level(sound, { try Demuxer(descriptor: files.source, joining: plan.joins) }, profile.audio, tick: $0) },
                draws: plan.stillPoster == .waveform, source: source, into: muxer, start: plan.start, limits: profile.limits,
                tally: tally)
        }
        self.muxer = muxer
    }

    private var lanes: [any Lane] {
        var lanes: [any Lane] = []
        if let pictureLane { lanes.append(pictureLane) }
        if let soundLane { lanes.append(soundLane) }
        return lanes
    }

    struct Result {
        var outcome: MediaOutcome
        /// The best frame for a poster, if there is one.
        var picture: Frame?
        /// False if a search beyond the frames seen may find a better one.
        var isPictureGood: Bool
        /// Parts of the source did not decode.
        var isSourceDamaged: Bool
    }

    /// - Throws: `ReplanRequest` if the work contradicts the plan.
    func run() throws -> Result {
        try teller.enter(.transcoding, total: PromisedDuration.estimate(plan, source))
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
                throw Verdict(.undecodableVideo, detail: FFmpegLog.lastLines())
            }
            if soundLane?.encoded == 0 { throw ReplanRequest(finding: .soundEmpty) }
        }
        let promised = PromisedDuration.of(plan, source, converted: muxer.duration)
        try checkShare(promised)
        try teller.enter(.finishing)
        try muxer.finish()
        return Result(
            outcome: outcome(promised), picture: pictureLane?.bestPicture ?? soundLane?.bestPicture,
            isPictureGood: pictureLane?.isBestPictureGood ?? true, isSourceDamaged: lanes.contains { $0.damaged > 0 })
    }

    /// Starts the thread that reads the source.
    private func read(into inputs: [Int: StageQueue<Packet>], in pipeline: Pipeline) throws {
        // It belongs to its thread until the pipeline is joined.
        nonisolated(unsafe) let source = source
        let tally = tally
        try pipeline.run("read") {
            while let packet = try source.next() {
                tally.addPacket()
                try inputs[packet.streamIndex]?.put(packet, weight: packet.weight)
            }
            for input in inputs.values { input.finish() }
        }
    }

    /// Until every lane has ended.
    private func write(_ coded: StageQueue<CodedPacket>, of lanes: [any Lane]) throws {
        var interleaver = Interleaver(streams: lanes.count)
        while !interleaver.isDone {
            if let packet = try coded.take(within: Self.progressInterval) { interleaver.put(packet) }
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

    /// The gain that gives the audio its target loudness, without clipping.
    private static func level(
        _ sound: AudioPlan, _ source: () throws -> Demuxer, _ profile: AudioProfile, tick: () throws -> Void
    ) throws -> AudioLevel {
        let meter = try LoudnessMeter(sound.tracks, conversion: sound.conversion, source: source(), tick: tick)
        let isWider = meter.extent.channels > sound.sourceChannels && sound.channels < min(2, profile.maxChannels)
        let isFiner = meter.extent.sampleRate > sound.sourceRate && sound.sampleRate < min(meter.extent.sampleRate, AudioPlan.sampleRates.max() ?? 0)
        if isWider || isFiner {
            throw ReplanRequest(finding: .soundGainsOnTheWay(
                channels: max(meter.extent.channels, sound.sourceChannels), sampleRate: max(meter.extent.sampleRate, sound.sourceRate)))
        }
        return meter.level(target: profile.loudnessTarget, correctsLoudness: sound.correctsLoudness)
    }

    /// Only decoded media counts: at least one frame or audio packet with a duration, and the share that the
    /// profile requires.
    private func checkShare(_ promised: Int64?) throws {
        guard (pictureLane?.encoded ?? 0) > 0 || (soundLane?.encoded ?? 0) > 0 else {
            throw Verdict(.undecodable, detail: FFmpegLog.lastLines())
        }
        guard (1...latestTime).contains(muxer.duration) else {
            throw Verdict(.noDuration, detail: "\(muxer.duration) µs")
        }
        guard let total = promised, total > 0 else { return }
        let share = Double(muxer.duration) / Double(total)
        guard share >= request.profile.minimumShare else {
            throw Verdict(.mostlyUndecodable(percent: Int(share * 100)), detail: FFmpegLog.lastLines())
        }
    }

    private func outcome(_ promised: Int64?) -> MediaOutcome {
        var outcome = MediaOutcome()
        outcome.isRewritten = !plan.keepsSource
        outcome.fileExtension = plan.container.fileExtension
        outcome.mime = plan.container.mime
        outcome.width = plan.picture?.width
        outcome.height = plan.picture?.height
        outcome.duration = Int(muxer.duration)
        outcome.frames = pictureLane?.encoded ?? soundLane?.encoded ?? 0
        outcome.remarks = plan.remarks + (cutShort(promised).map { [$0] } ?? [])
        return outcome
    }

    /// Whether the file ended before its promised duration.
    private func cutShort(_ promised: Int64?) -> Remark? {
        guard let total = promised else { return nil }
        let missing = total - muxer.duration
        guard missing > 1_000_000, Double(missing) > Double(total) * 0.05 else { return nil }
        return .cutShort(converted: Int(muxer.duration), promised: Int(total))
    }
}
