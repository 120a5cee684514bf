internal import CFFmpeg
internal import MediaWire

/// Decodes the keyframes of a stream that is copied, one by one, and shows them to the poster chooser.
final class KeyframeViewer {
    private let decoder: Decoder
    private let viewer: FrameViewer
    private let start: Int64
    private var poster: PosterChooser
    private let decoded: Frame

    init(
        _ plan: PicturePlan, stream: UnsafeMutablePointer<AVStream>, start: Int64, source: Demuxer, profile: Profile
    ) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: profile.limits.pixels,
            isStrict: true)
        viewer = try FrameViewer(plan.filters, timeBase: decoder.timeBase)
        self.start = start
        poster = PosterChooser(duration: source.duration, wanted: profile.poster.at)
        decoded = try Frame()
    }

    var best: Frame? { poster.best }
    /// A time that is wanted lies between two of them, most likely.
    var isBestGood: Bool { poster.isGood && !poster.hasWish }

    /// False where the keyframe gives no whole picture.
    func look(at packet: Packet) throws -> Bool {
        let damagedBefore = decoder.damaged
        try decoder.send(packet)
        try decoder.send(nil)
        var count = 0
        while try decoder.receive(into: decoded) == .ready {
            count += 1
            let time = rescale(decoded.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds) - start
            if poster.wantsToLook(at: time) { try viewer.view(decoded) { try poster.look(at: $0, time: time) } }
            decoded.unreference()
        }
        decoder.restart()
        return count > 0 && decoder.damaged == damagedBefore
    }
}
