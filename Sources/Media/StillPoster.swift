internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The picture for a film that has none: its cover, brought to the colours and the shape of every output.
enum StillPoster {
    /// Nil where the cover does not decode.
    static func cover(_ stream: UnsafeMutablePointer<AVStream>, info: StreamInfo, profile: Profile) throws -> Frame? {
        let decoder = try Decoder(
            stream: stream, threads: 1, allowed: AllowList.coverDecoders, maxPixels: profile.limits.pixels)
        let packet = try Packet()
        try check(av_packet_ref(packet.pointer, &stream.pointee.attached_pic), "av_packet_ref")
        try decoder.send(packet)
        try decoder.send(nil)
        let decoded = try Frame()
        guard try decoder.receive(into: decoded) == .ready else { return nil }
        let facts = PictureFacts(decoded, stream: stream, info: info)
        var chain = PictureChain(
            facts: facts, size: PictureSize(facts, maxSide: profile.poster.maxSide),
            background: profile.video.background)
        _ = chain.build()
        return try filter(decoded, chain.filters.joined(separator: ","))
    }

    private static func filter(_ frame: Frame, _ chain: String) throws -> Frame? {
        frame.pts = 0
        let graph = try FilterGraph(chain, like: frame, timeBase: AVRational(num: 1, den: 25), threads: 1)
        try graph.send(frame)
        try graph.send(nil)
        let result = try Frame()
        return try graph.receive(into: result) == .ready ? result : nil
    }
}
