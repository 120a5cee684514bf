internal import CFFmpeg
internal import MediaWire

/// A keyframe of a stream that is copied, to be decoded by itself.
struct Keyframe {
    let packet: Packet
    /// It may become the poster.
    let isDue: Bool
}

/// Decodes keyframes one by one, as a proof that they can be, and shows those that are due to a poster chooser.
final class KeyframeViewer: Stage {
    private let decoder: Decoder
    private let viewer: FrameViewer
    private let start: Int64
    private let decoded: Frame
    private(set) var poster: PosterChooser

    /// - Parameter start: microseconds of the source that are the output's zero.
    init(
        _ plan: PicturePlan, stream: UnsafeMutablePointer<AVStream>, start: Int64, poster: PosterChooser, maxPixels: Int
    ) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: maxPixels, isStrict: true)
        viewer = try FrameViewer(plan.filters, timeBase: decoder.timeBase)
        decoded = try Frame()
        self.start = start
        self.poster = poster
    }

    /// - Throws: `Reconsideration` where the keyframe gives no whole picture.
    func feed(_ keyframe: Keyframe) throws {
        let damagedBefore = decoder.damaged
        decoder.isSeen = keyframe.isDue
        try decoder.send(keyframe.packet)
        try decoder.send(nil)
        var count = 0
        while try decoder.receive(into: decoded) == .ready {
            count += 1
            let time = rescale(decoded.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds) - start
            if keyframe.isDue { try viewer.view(decoded) { try poster.take($0, time: time) } }
            decoded.unreference()
        }
        decoder.restart()
        guard count > 0, decoder.damaged == damagedBefore else {
            throw Reconsideration(finding: .pictureNotCopyable("a keyframe does not decode"))
        }
    }

    func finish() {}
}
