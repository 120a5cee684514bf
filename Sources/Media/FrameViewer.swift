internal import CFFmpeg

/// Brings single decoded pictures into the colours and the shape of every output.
final class FrameViewer {
    private let filters: String
    private let timeBase: TimeBase
    private var graph: FilterGraph?
    private let filtered: Frame

    init(_ filters: [String], timeBase: TimeBase) throws {
        self.filters = filters.joined(separator: ",")
        self.timeBase = timeBase
        filtered = try Frame()
    }

    /// Lends the finished picture to `body`.
    func view(_ frame: Frame, _ body: (Frame) throws -> Void) throws {
        if graph?.fits(frame) != true {
            graph = try FilterGraph(filters, like: frame, timeBase: timeBase, threads: 1)
        }
        frame.pts = frame.bestEffortTimestamp
        try graph?.send(frame)
        while try graph?.receive(into: filtered) == .ready {
            try body(filtered)
            filtered.unreference()
        }
    }
}
