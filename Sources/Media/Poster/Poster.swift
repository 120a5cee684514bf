internal import CFFmpeg
internal import CFFmpegShims
internal import Glibc
internal import MediaWire

/// Encodes one finished frame as JPEG. JFIF: full range, BT.601, no metadata.
enum Poster {
    /// Writes to `descriptor`, which is empty and kept by the caller. Returns the dimensions of the JPEG.
    static func write(
        _ picture: Frame, _ profile: PosterProfile, to descriptor: CInt
    ) throws -> (width: Int, height: Int) {
        let size = FrameSize.fitting(width: picture.width, height: picture.height, maxSide: profile.maxSide)
        let chain =
            "scale=w=\(size.width):h=\(size.height):in_color_matrix=bt709:in_range=limited:out_color_matrix=smpte170m:out_range=full"
            + ":flags=area+accurate_rnd,format=yuvj420p,setsar=1"
        let graph = try FilterGraph(chain, like: picture, timeBase: AVRational(num: 1, den: 1), threads: 1)
        try graph.send(picture)
        try graph.send(nil)
        let scaled = try Frame()
        guard try graph.receive(into: scaled) == .ready else {
            throw FFmpegError(call: "scaling the poster", code: shim_error_eof)
        }
        scaled.pts = 0
        scaled.pointer.pointee.quality = CInt(profile.quantiser) * FF_QP2LAMBDA
        let encoder = try Encoder.jpeg(width: scaled.width, height: scaled.height, quantiser: profile.quantiser)
        try encoder.send(scaled)
        try encoder.send(nil)
        let packet = try Packet()
        guard try encoder.receive(into: packet) == .ready else {
            throw FFmpegError(call: "encoding the poster", code: shim_error_eof)
        }
        let stream = try ByteStream(descriptor: descriptor, direction: .writing)
        avio_write(stream.context, packet.pointer.pointee.data, packet.pointer.pointee.size)
        stream.flush()
        if let failure = stream.failure { throw FFmpegError(call: "writing the poster", code: failure) }
        return (scaled.width, scaled.height)
    }
}
