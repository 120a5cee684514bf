internal import CFFmpeg
internal import MediaWire

/// All keyframes of a stream that is copied, decoded on some threads beside it: each is a picture by itself.
final class KeyframeVerifier {
    /// More would wait for the reader, and each holds some pictures.
    private static let mostThreads = 4

    private let viewers: [KeyframeViewer]
    private let timeBase: TimeBase
    private let start: Int64
    private var poster: PosterChooser
    private var queue: StageQueue<Keyframe>?

    init(
        _ plan: VideoPlan, stream: UnsafeMutablePointer<AVStream>, start: Int64, source: Demuxer, profile: Profile, threads: Int
    ) throws {
        let poster = PosterChooser(duration: source.duration, wanted: profile.poster.at)
        viewers = try (0..<max(1, min(threads, Self.mostThreads))).map { _ in
            try KeyframeViewer(plan, stream: stream, start: start, poster: poster, maxPixels: profile.limits.pixels)
        }
        timeBase = stream.pointee.time_base
        self.start = start
        self.poster = poster
    }

    /// Begins the threads.
    func start(in pipeline: Pipeline) throws {
        let queue = pipeline.queue(of: Keyframe.self, capacity: QueueCapacity.pictures)
        self.queue = queue
        for viewer in viewers { try pipeline.run("keyframes", viewer, from: queue) }
    }

    /// Takes the next keyframe; the packet stays the caller's. What does not decode ends the pipeline.
    func put(_ packet: Packet) throws {
        let time = rescale(packet.pts ?? 0, from: timeBase, to: .microseconds) - start
        let keyframe = Keyframe(packet: try packet.reference(), isDue: poster.isDue(at: time))
        try queue?.put(keyframe, weight: packet.weight)
    }

    /// No more keyframes come.
    func finish() { queue?.finish() }

    /// What was chosen, once the pipeline has ended.
    var chosen: PosterChooser { viewers.reduce(into: poster) { $0.join($1.poster) } }
}
