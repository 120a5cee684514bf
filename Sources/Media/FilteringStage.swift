internal import CFFmpeg
internal import MediaWire

/// Pictures become what the profile wants. The filters are made anew where the source changes on the way.
final class FilteringStage: Stage {
    private let plan: PicturePlan
    private let threads: Int
    private let output: StageQueue<Picture>
    private var graph: FilterGraph?
    /// Of the picture that was given last.
    private var duration: Int64 = 0

    init(_ plan: PicturePlan, threads: Int, into output: StageQueue<Picture>) {
        self.plan = plan
        self.threads = threads
        self.output = output
    }

    func feed(_ picture: Picture) throws {
        if let graph, !graph.fits(picture.frame) {
            try drain(isLast: true)
            self.graph = nil
        }
        duration = picture.duration
        let graph = try self.graph ?? makeGraph(picture)
        self.graph = graph
        try graph.send(picture.frame)
        // A second reference, to what a filter may still want, would make it copy.
        picture.frame.unreference()
        try drain(isLast: false)
    }

    func finish() throws {
        try drain(isLast: true)
        output.finish()
    }

    private func makeGraph(_ picture: Picture) throws -> FilterGraph {
        try FilterGraph(
            (fitting(picture.frame) + plan.filters).joined(separator: ","), like: picture.frame, timeBase: picture.timeBase,
            threads: threads)
    }

    /// A film may change its size on the way, as browsers' recordings do: what follows is fitted into what was before.
    private func fitting(_ frame: Frame) -> [String] {
        let (width, height) = (plan.sourceWidth, plan.sourceHeight)
        guard frame.width != width || frame.height != height else { return [] }
        return [
            "scale=w=\(width):h=\(height):force_original_aspect_ratio=decrease", "pad=\(width):\(height):-1:-1",
        ]
    }

    private func drain(isLast: Bool) throws {
        guard let graph else { return }
        if isLast { try graph.send(nil) }
        while true {
            let frame = try Frame()
            guard try graph.receive(into: frame) == .ready else { return }
            try output.put(Picture(frame: frame, timeBase: graph.timeBase, duration: duration))
        }
    }
}
