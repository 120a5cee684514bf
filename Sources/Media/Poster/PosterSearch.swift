internal import CFFmpeg
internal import MediaWire

/// Searches for a poster between the keyframes of a copied video: if a time is requested, or if no
/// keyframe is suitable, because a video may fade in after its only keyframe.
final class PosterSearch {
    /// Positions over the length of the video, and the maximum number of frames to decode for each, or for the requested one.
    private static let places: Int64 = 8
    private static let (reach, longReach) = (300, 3000)

    private let stream: Int
    private let source: Demuxer
    private let start: Int64
    private let decoder: Decoder
    private let converter: VideoConverter
    private let decoded: Frame

    /// The best frame, in the output's colours and aspect ratio; nil if none decodes.
    static func find(_ plan: VideoPlan, in source: Demuxer, start: Int64, profile: Profile) throws -> Frame? {
        let search = try PosterSearch(plan, in: source, start: start, profile: profile)
        // Every displayed frame is evaluated: the positions are far enough apart.
        var chooser = PosterChooser(duration: 0, wanted: nil)
        let wanted = profile.poster.at.map { Int64($0 * 1_000_000) }
        let length = source.duration ?? 0
        let times = wanted.map { [$0] } ?? (0..<places).map { length * (2 * $0 + 1) / (2 * places) }
        for time in times {
            guard let picture = try search.picture(at: time, reach: wanted == nil ? reach : longReach) else { continue }
            picture.pts = picture.bestEffortTimestamp
            try search.converter.convert(picture) { frame, _ in try chooser.look(at: frame, time: time) }
        }
        return chooser.best
    }

    private init(_ plan: VideoPlan, in source: Demuxer, start: Int64, profile: Profile) throws {
        stream = plan.stream
        self.source = source
        self.start = start
        try source.select([plan.stream])
        decoder = try Decoder(
            stream: source.stream(plan.stream), threads: 1, allowed: AllowList.videoDecoders,
            maxPixels: profile.limits.pixels)
        converter = VideoConverter(plan, timeBase: decoder.timeBase, threads: 1)
        decoded = try Frame()
    }

    /// The frame at an output time, in microseconds: the last one if the time is beyond the end; and the last
    /// reached one if there are too many before it.
    private func picture(at time: Int64, reach: Int) throws -> Frame? {
        try source.seek(stream: stream, to: rescale(start + time, from: .microseconds, to: decoder.timeBase))
        decoder.restart()
        var shown: Frame?
        var count = 0
        while count < reach {
            let packet = try source.next()
            if let packet, packet.streamIndex != stream { continue }
            try decoder.send(packet)
            while try decoder.receive(into: decoded) == .ready {
                defer { decoded.unreference() }
                count += 1
                let begin = rescale(decoded.bestEffortTimestamp ?? 0, from: decoder.timeBase, to: .microseconds) - start
                if begin > time, let shown { return shown }
                shown = try decoded.reference()
            }
            if packet == nil { break }
        }
        return shown
    }
}
