internal import CFFmpeg
internal import MediaWire

/// The lane of one encoded video stream: decoding, filtering and encoding, a thread each.
final class VideoLane: Lane {
    let streams: [Int]
    private let plan: VideoPlan
    private let decoder: Decoder
    private let encoder: Encoder
    private let output: Int
    private let start: Int64
    private let threads: Int
    private let profile: Profile
    private let sourceDuration: Int64?
    private let tally: ProgressCounters
    private var decoding: DecodingStage?
    private var encoding: EncodingStage?

    init(
        _ plan: VideoPlan, source: Demuxer, into muxer: Muxer, start: Int64, profile: Profile, threads: Int, tally: ProgressCounters
    ) throws {
        streams = [plan.stream]
        self.plan = plan
        self.start = start
        self.threads = threads
        self.profile = profile
        self.tally = tally
        sourceDuration = source.duration
        let stream = source.stream(plan.stream)
        decoder = try Decoder(
            stream: stream, threads: VideoLane.decodingThreads(plan, stream, of: threads), allowed: AllowList.videoDecoders, maxPixels: profile.limits.pixels)
        encoder = try Encoder.h264(
            plan, profile.video, timeBase: VideoLane.timeBase(for: stream.pointee.time_base, plan), threads: threads)
        output = try muxer.addStream(encoder)
    }

    /// Decoding takes a fourth of the time of encoding, unless the source is larger than the output, or its codec
    /// is costlier: an unneeded thread costs memory, and time.
    private static func decodingThreads(_ plan: VideoPlan, _ stream: UnsafeMutablePointer<AVStream>, of threads: Int) -> Int {
        let isLarger = 2 * plan.facts.width * plan.facts.height > 3 * plan.width * plan.height
        let isCostly = [AV_CODEC_ID_HEVC, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1].contains(stream.pointee.codecpar.pointee.codec_id)
        return isLarger || isCostly ? threads : (threads + 2) / 3
    }

    /// The source's time base, so that its timestamps stay exact, if MP4 supports it; doubled if
    /// frames are inserted between those of the source.
    private static func timeBase(for source: TimeBase, _ plan: VideoPlan) -> TimeBase {
        guard (1000...1_000_000).contains(source.den), source.num == 1 else { return AVRational(num: 1, den: 90_000) }
        return AVRational(num: 1, den: source.den * CInt(plan.picturesPerFrame))
    }

    func start(in pipeline: Pipeline, into coded: StageQueue<CodedPacket>) throws -> StageQueue<Packet> {
        let packets = pipeline.queue(of: Packet.self, capacity: QueueCapacity.pictures)
        let decoded = pipeline.queue(of: Picture.self, capacity: QueueCapacity.frames)
        let finished = pipeline.queue(of: Picture.self, capacity: QueueCapacity.frames)
        let decoding = DecodingStage(
            plan, decoder: decoder, start: start, limits: profile.limits, tally: tally, into: decoded)
        let encoding = EncodingStage(
            plan, encoder: encoder,
            poster: PosterChooser(duration: sourceDuration, wanted: profile.poster.at),
            keyframes: KeyframeSpacing(interval: profile.video.keyframeInterval, pictures: encoder.keyframeDistance),
            stream: output, into: coded)
        (self.decoding, self.encoding) = (decoding, encoding)
        try pipeline.run("decode", decoding, from: packets)
        try pipeline.run("filter", FilteringStage(plan, threads: threads, into: finished), from: decoded)
        try pipeline.run("encode", encoding, from: finished)
        return packets
    }

    var encoded: Int { encoding?.encoded ?? 0 }
    var damaged: Int { decoder.damaged }
    var bestPicture: Frame? { encoding?.bestPicture }
}
