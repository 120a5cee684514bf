internal import CFFmpeg
internal import MediaWire
internal import Verdicts

/// Converts decoded frames to the output's size and colours. The filters match the current frames:
/// if their aspect ratio, colours, fields, format or size change midway, the filters are rebuilt from the frame
/// itself. One thread at a time.
final class VideoConverter {
    private let size: FrameSize
    private let background: String
    private let maxFrameRate: Double
    private let timeBase: TimeBase
    private let threads: Int
    private var facts: VideoFacts
    private var graph: FilterGraph?

    /// - Parameters:
    ///   - facts: of the first frame.
    ///   - maxFrameRate: fields become separate frames up to this rate.
    init(_ facts: VideoFacts, size: FrameSize, background: String, maxFrameRate: Double = 0, timeBase: TimeBase, threads: Int) {
        self.facts = facts
        self.size = size
        self.background = background
        self.maxFrameRate = maxFrameRate
        self.timeBase = timeBase
        self.threads = threads
    }

    /// Takes a frame, and outputs finished frames with their time base.
    func convert(_ frame: Frame, _ take: (Frame, TimeBase) throws -> Void) throws {
        let next = facts.following(frame)
        if let graph, !graph.fits(frame) || !next.isShown(like: facts) { try finish(take) }
        facts = next
        let graph = try self.graph ?? makeGraph(frame)
        self.graph = graph
        try graph.send(frame)
        // A second reference, to a frame that a filter may still hold, would make it copy.
        frame.unreference()
        try drain(graph, take)
    }

    /// Outputs the remaining frames.
    func finish(_ take: (Frame, TimeBase) throws -> Void) throws {
        guard let graph else { return }
        try graph.send(nil)
        try drain(graph, take)
        self.graph = nil
    }

    private func makeGraph(_ frame: Frame) throws -> FilterGraph {
        if let failure = facts.refusal { throw failure }
        var chain = VideoFilterChain(facts: facts, size: size, background: background, maxFrameRate: maxFrameRate)
        _ = chain.build()
        return try FilterGraph(chain.filters.joined(separator: ","), like: frame, timeBase: timeBase, threads: threads)
    }

    private func drain(_ graph: FilterGraph, _ take: (Frame, TimeBase) throws -> Void) throws {
        while true {
            let finished = try Frame()
            guard try graph.receive(into: finished) == .ready else { return }
            try take(finished, graph.timeBase)
        }
    }
}

extension VideoFacts {
    /// A video with unsupported colours is refused: wrong colours would be worse.
    var refusal: Verdict? {
        colour.obstacle.map {
            Verdict(
                .unsupportedColours(matrix: Int(colour.matrix.rawValue)),
                detail: "coded \($0): matrix \(colour.matrix.rawValue), transfer \(colour.transfer.rawValue)")
        }
    }
}
