internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The cover of a file without video as a picture, in the output's colours and aspect ratio.
enum CoverPicture {
    /// Nil if the cover does not decode.
    static func decode(_ stream: UnsafeMutablePointer<AVStream>, info: StreamInfo, profile: Profile) throws -> Frame? {
        let decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.coverDecoders, maxPixels: profile.limits.pixels)
        let packet = try Packet()
        try check(av_packet_ref(packet.pointer, &stream.pointee.attached_pic), "av_packet_ref")
        try decoder.send(packet)
        try decoder.send(nil)
        let decoded = try Frame()
        guard try decoder.receive(into: decoded) == .ready else { return nil }
        let facts = VideoFacts(decoded, stream: stream, info: info)
        let converter = VideoConverter(
            facts, size: FrameSize(facts, maxSide: profile.poster.maxSide), background: profile.video.background,
            timeBase: AVRational(num: 1, den: 25), threads: 1)
        decoded.pts = 0
        var finished: Frame?
        try converter.convert(decoded) { frame, _ in finished = frame }
        try converter.finish { frame, _ in finished = finished ?? frame }
        return finished
    }
}
