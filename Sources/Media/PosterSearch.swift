internal import CFFmpeg
internal import MediaWire

/// Looks for a poster between the keyframes of a film that is copied, where none of them is fit to be one: a film may
/// fade in after its only keyframe.
enum PosterSearch {
    /// Places over the length of the film, and pictures that are decoded at most to reach each.
    private static let places = 8
    private static let reach = 300

    /// The best picture, in the colours and the shape of every output; nil where none decodes.
    static func find(_ plan: PicturePlan, in source: Demuxer, start: Int64, profile: Profile) throws -> Frame? {
        let stream = source.stream(plan.stream)
        source.select([plan.stream])
        let decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.videoDecoders, maxPixels: profile.limits.pixels)
        let viewer = try FrameViewer(plan.filters, timeBase: decoder.timeBase)
        // Every picture that is shown is looked at: the places are far enough apart.
        var chooser = PosterChooser(duration: 0, wanted: nil)
        let decoded = try Frame()
        let length = source.duration ?? 0
        for place in 0..<places {
            let time = start + length * Int64(2 * place + 1) / Int64(2 * places)
            try source.seek(stream: plan.stream, to: rescale(time, from: .microseconds, to: decoder.timeBase))
            decoder.restart()
            var count = 0
            search: while count < reach, let packet = try source.next() {
                guard packet.streamIndex == plan.stream else { continue }
                try decoder.send(packet)
                while try decoder.receive(into: decoded) == .ready {
                    count += 1
                    let shown = rescale(decoded.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds)
                    if shown >= time || count == reach {
                        try viewer.view(decoded) { try chooser.look(at: $0, time: shown - start) }
                        decoded.unreference()
                        break search
                    }
                    decoded.unreference()
                }
            }
        }
        return chooser.best
    }
}
