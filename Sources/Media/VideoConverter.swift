internal import CFFmpeg
internal import MediaWire

/// Brings decoded pictures into the one size and the colours of the output. The filters are made for pictures as they are:
/// where their shape, colours, fields, format or size change on the way, they are made anew from what the picture itself
/// says. One thread at a time.
final class VideoConverter {
    private let size: FrameSize
    private let background: String
    private let maxFrameRate: Double
    private let timeBase: TimeBase
    private let threads: Int
    private var facts: VideoFacts
    private var graph: FilterGraph?

    /// - Parameters:
    ///   - facts: of the first picture.
    ///   - maxFrameRate: fields become pictures of their own where they are no more a second.
    init(_ facts: VideoFacts, size: FrameSize, background: String, maxFrameRate: Double = 0, timeBase: TimeBase, threads: Int) {
        self.facts = facts
        self.size = size
        self.background = background
        self.maxFrameRate = maxFrameRate
        self.timeBase = timeBase
        self.threads = threads
    }

    convenience init(_ plan: VideoPlan, timeBase: TimeBase, threads: Int) {
        self.init(
            plan.facts, size: plan.size, background: plan.background, maxFrameRate: plan.maxFrameRate, timeBase: timeBase,
            threads: threads)
    }

    /// Takes what a frame holds, and gives finished pictures with the base in which their times count.
    func convert(_ frame: Frame, _ take: (Frame, TimeBase) throws -> Void) throws {
        let next = facts.following(frame)
        if let graph, !graph.fits(frame) || !next.isShown(like: facts) { try finish(take) }
        facts = next
        let graph = try self.graph ?? makeGraph(frame)
        self.graph = graph
        try graph.send(frame)
        // A second reference, to what a filter may still want, would make it copy.
        frame.unreference()
        try drain(graph, take)
    }

    /// Gives what is still held.
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
    /// Colours that cannot be converted are no film that can be shown: wrong ones would be worse than none.
    var refusal: MediaFailure? {
        colour.obstacle.map {
            MediaFailure(.unsupportedCodec, "The video's colours are coded \($0), which is not supported.", detail: "matrix \(colour.matrix.rawValue), transfer \(colour.transfer.rawValue)")
        }
    }
}
