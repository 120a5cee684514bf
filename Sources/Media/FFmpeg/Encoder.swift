internal import CFFmpeg
internal import CFFmpegShims

/// Encodes frames into the packets of one stream. Owns its codec context; one thread at a time.
final class Encoder {
    let context: UnsafeMutablePointer<AVCodecContext>

    init(
        _ name: String, options: [String: String], _ configure: (inout AVCodecContext) -> Void
    ) throws(FFmpegError) {
        assert(Capabilities.encoders.contains(name), "Capabilities ask for all that is used")
        guard let codec = avcodec_find_encoder_by_name(name) else {
            throw FFmpegError(call: "avcodec_find_encoder_by_name(\(name))", code: shim_error_invalid_data)
        }
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        // From here on a throw runs `deinit`, which frees the context.
        configure(&context.pointee)
        try check(withOptions(options) { avcodec_open2(context, codec, &$0) }, "avcodec_open2(\(name))")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    var timeBase: TimeBase { context.pointee.time_base }
    /// The maximum distance of keyframes, in frames.
    var keyframeDistance: Int { Int(context.pointee.gop_size) }
    /// The encoder's frame size for audio, in samples.
    var frameSize: Int { Int(context.pointee.frame_size) }

    /// One JPEG image.
    static func jpeg(width: Int, height: Int, quantiser: Int) throws(FFmpegError) -> Encoder {
        try Encoder("mjpeg", options: [:]) {
            $0.width = CInt(width)
            $0.height = CInt(height)
            $0.pix_fmt = AV_PIX_FMT_YUVJ420P
            $0.color_range = AVCOL_RANGE_JPEG
            $0.time_base = AVRational(num: 1, den: 1)
            $0.flags |= CInt(AV_CODEC_FLAG_QSCALE)
            $0.global_quality = CInt(quantiser) * FF_QP2LAMBDA
        }
    }

    /// Sends a frame, or nil for the end.
    func send(_ frame: Frame?) throws(FFmpegError) {
        try check(avcodec_send_frame(context, frame?.pointer), "avcodec_send_frame")
    }

    func receive(into packet: Packet) throws(FFmpegError) -> CodecOutput {
        let code = avcodec_receive_packet(context, packet.pointer)
        switch code {
        case 0...: return .ready
        case shim_error_again: return .needsInput
        case shim_error_eof: return .finished
        default: throw FFmpegError(call: "avcodec_receive_packet", code: code)
        }
    }
}
