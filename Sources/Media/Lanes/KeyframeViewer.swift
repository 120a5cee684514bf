internal import CFFmpeg
internal import MediaWire

/// A keyframe of a copied stream, to be decoded on its own.
struct Keyframe {
    let packet: Packet
    /// It may become the poster.
    let isDue: Bool
}

/// Decodes keyframes one by one, as a check, and shows the due ones to a poster chooser.
final class KeyframeViewer: Stage {
    private let decoder: Decoder
    private let converter: VideoConverter
    private let facts: VideoFacts
    private let start: Int64
    private let decoded: Frame
    private(set) var poster: PosterChooser

    /// - Parameter start: microseconds of the source that are the output's zero.
    init(
        _ plan: VideoPlan, stream: UnsafeMutablePointer<AVStream>, start: Int64, poster: PosterChooser, maxPixels: Int
    ) throws {
        decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: maxPixels, isStrict: true)
        facts = plan.facts
        converter = VideoConverter(plan, timeBase: decoder.timeBase, threads: 1)
        decoded = try Frame()
        self.start = start
        self.poster = poster
    }

    /// - Throws: `ReplanRequest` if the keyframe does not decode completely.
    func feed(_ keyframe: Keyframe) throws {
        let damagedBefore = decoder.damaged
        decoder.isSeen = keyframe.isDue
        try decoder.send(keyframe.packet)
        try decoder.send(nil)
        var count = 0
        while try decoder.receive(into: decoded) == .ready {
            count += 1
            let time = rescale(decoded.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds) - start
            // MP4 has one size, aspect ratio and rotation for all frames, and players use the first.
            guard facts.following(decoded).isShown(like: facts) else {
                throw ReplanRequest(finding: .pictureNotCopyable("its size or colours change midway"))
            }
            if keyframe.isDue {
                decoded.pts = decoded.bestEffortTimestamp
                try converter.convert(decoded) { frame, _ in try poster.take(frame, time: time) }
            }
            decoded.unreference()
        }
        decoder.restart()
        guard count > 0, decoder.damaged == damagedBefore else {
            throw ReplanRequest(finding: .pictureNotCopyable("a keyframe does not decode"))
        }
    }

    func finish() {}
}
