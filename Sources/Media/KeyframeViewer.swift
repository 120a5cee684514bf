internal import CFFmpeg
internal import MediaWire

/// Decodes the keyframes of a stream that is copied, one by one, and shows them to the poster chooser.
final class KeyframeViewer {
    private let decoder: Decoder
    private let filters: String
    private let start: Int64
    private var graph: FilterGraph?
    private var poster: PosterChooser
    private let decoded: Frame
    private let filtered: Frame

    init(
        _ plan: PicturePlan, stream: UnsafeMutablePointer<AVStream>, start: Int64, source: Demuxer, profile: Profile
    ) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: profile.limits.pixels)
        filters = plan.filters.joined(separator: ",")
        self.start = start
        poster = PosterChooser(duration: source.duration, wanted: profile.poster.at)
        decoded = try Frame()
        filtered = try Frame()
    }

    var best: Frame? { poster.best }

    /// False where the keyframe gives no whole picture.
    func look(at packet: Packet) throws -> Bool {
        let damagedBefore = decoder.damaged
        try decoder.send(packet)
        try decoder.send(nil)
        var count = 0
        while try decoder.receive(into: decoded) == .ready {
            count += 1
            let isWhole = decoded.pointer.pointee.decode_error_flags == 0
            let time = decoded.bestEffortTimestamp ?? 0
            try show(decoded, at: rescale(time, from: decoder.timeBase, to: .microseconds) - start)
            decoded.unreference()
            if !isWhole { return false }
        }
        decoder.restart()
        return count > 0 && decoder.damaged == damagedBefore
    }

    private func show(_ frame: Frame, at time: Int64) throws {
        guard poster.wantsToLook(at: time) else { return }
        if graph?.fits(frame) != true {
            graph = try FilterGraph(filters, like: frame, timeBase: decoder.timeBase, threads: 1)
        }
        frame.pts = frame.bestEffortTimestamp
        try graph?.send(frame)
        while try graph?.receive(into: filtered) == .ready {
            try poster.look(at: filtered, time: time)
            filtered.unreference()
        }
    }
}
