internal import CFFmpeg
internal import MediaWire

/// Decodes all keyframes of a copied stream on parallel threads: each is independent.
final class KeyframeVerifier {
    /// More threads would wait for the reader, and each holds some frames.
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

    /// Starts the threads.
    func start(in pipeline: Pipeline) throws {
        let queue = pipeline.queue(of: Keyframe.self, capacity: QueueCapacity.pictures)
        self.queue = queue
        for viewer in viewers { try pipeline.run("keyframes", viewer, from: queue) }
    }

    /// Takes the next keyframe; the caller keeps the packet. A decoding error ends the pipeline.
    func put(_ packet: Packet) throws {
        let time = rescale(packet.pts ?? 0, from: timeBase, to: .microseconds) - start
        let keyframe = Keyframe(packet: try packet.reference(), isDue: poster.isDue(at: time))
        try queue?.put(keyframe, weight: packet.weight)
    }

    /// No more keyframes follow.
    func finish() { queue?.finish() }

    /// The chosen frame, after the pipeline has ended.
    var chosen: PosterChooser { viewers.reduce(into: poster) { $0.join($1.poster) } }
}
