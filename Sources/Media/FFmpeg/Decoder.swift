internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire
internal import Verdicts

/// A codec's response when asked for its next output.
enum CodecOutput { case ready, needsInput, finished }

/// Decodes the packets of one stream into frames. Owns its codec context; one thread at a time (FFmpeg's own threads
/// work behind it).
final class Decoder {
    private var context: UnsafeMutablePointer<AVCodecContext>
    let timeBase: TimeBase
    private let isStrict: Bool
    /// Packets and frames that failed to decode.
    private(set) var damaged = 0

    /// - Parameter isStrict: a frame with concealed damage counts as damaged.
    init(
        stream: UnsafeMutablePointer<AVStream>, threads: Int, allowed: Set<String>, maxPixels: Int = 36_000_000,
        isStrict: Bool = false
    ) throws {
        let parameters = stream.pointee.codecpar
        let allowed = Decoder.hasAlphaBeside(stream) ? allowed.subtracting(Decoder.blindToAlpha) : allowed
        let codecID = parameters?.pointee.codec_id ?? AV_CODEC_ID_NONE
        guard let codec = Decoder.find(codecID, allowed: allowed) else {
            throw Verdict(.unsupportedCodec(String(cString: avcodec_get_name(codecID))))
        }
        context = try allocated(avcodec_alloc_context3(codec), "avcodec_alloc_context3")
        timeBase = stream.pointee.time_base
        self.isStrict = isStrict
        // From here on a throw runs `deinit`, which frees the context.
        try check(avcodec_parameters_to_context(context, parameters), "avcodec_parameters_to_context")
        context.pointee.pkt_timebase = timeBase
        context.pointee.thread_count = CInt(threads)
        if isStrict { context.pointee.err_recognition = CInt(AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE) }
        // FFmpeg's check includes a margin around the picture, the codec's rounding, and scratch space of
        // 280 lines.
        context.pointee.max_pixels = Int64(maxPixels) + Int64(maxPixels) / 4 + 280 * 8320
        try check(avcodec_open2(context, codec, nil), "avcodec_open2(\(String(cString: codec.pointee.name)))")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    /// FFmpeg's own decoders skip WebM's alpha channel; libvpx's do not.
    private static let blindToAlpha: Set<String> = ["vp8", "vp9"]

    private static func hasAlphaBeside(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        guard let mode = av_dict_get(stream.pointee.metadata, "alpha_mode", nil, 0) else { return false }
        return String(cString: mode.pointee.value) == "1"
    }

    /// Whether the decoder accepts the stream's configuration.
    static func opens(_ stream: UnsafeMutablePointer<AVStream>) -> Bool {
        (try? Decoder(stream: stream, threads: 1, allowed: AllowList.audioDecoders)) != nil
    }

    /// The allowed decoder for a codec, or nil.
    static func find(_ id: AVCodecID, allowed: Set<String>) -> UnsafePointer<AVCodec>? {
        var cursor: UnsafeMutableRawPointer?
        while let codec = av_codec_iterate(&cursor) {
            if codec.pointee.id == id, av_codec_is_decoder(codec) != 0,
                codec.pointee.capabilities & (AV_CODEC_CAP_EXPERIMENTAL | AV_CODEC_CAP_HARDWARE) == 0,
                allowed.contains(String(cString: codec.pointee.name))
            {
                return codec
            }
        }
        return nil
    }

    /// Sends a packet, or nil for the end. An invalid packet is counted and skipped.
    func send(_ packet: Packet?) throws(FFmpegError) {
        let code = avcodec_send_packet(context, packet?.pointer)
        switch code {
        case 0..., shim_error_eof: return
        case shim_error_no_memory: throw FFmpegError(call: "avcodec_send_packet", code: code)
        default: damaged += 1
        }
    }

    /// Receives the next frame.
    func receive(into frame: Frame) throws(FFmpegError) -> CodecOutput {
        while true {
            let code = avcodec_receive_frame(context, frame.pointer)
            switch code {
            case 0...:
                if isStrict, frame.isDamaged { damaged += 1 }
                return .ready
            case shim_error_again: return .needsInput
            case shim_error_eof: return .finished
            case shim_error_no_memory: throw FFmpegError(call: "avcodec_receive_frame", code: code)
            default: damaged += 1
            }
        }
    }

    /// Whether the next frames will be shown: checks that find no damage are skipped otherwise.
    var isSeen: Bool {
        get { context.pointee.skip_loop_filter != AVDISCARD_ALL }
        set { context.pointee.skip_loop_filter = newValue ? AVDISCARD_DEFAULT : AVDISCARD_ALL }
    }

    /// From the next packet on, non-reference frames are skipped.
    var skipsUnneeded: Bool {
        get { context.pointee.skip_frame == AVDISCARD_NONREF }
        set { context.pointee.skip_frame = newValue ? AVDISCARD_NONREF : AVDISCARD_DEFAULT }
    }

    /// Restarts with another configuration of the same codec. Buffered frames are lost: drain it before.
    ///
    /// - Returns: false if the configuration is invalid, and nothing was changed.
    func reconfigure(_ configuration: [UInt8]) throws(FFmpegError) -> Bool {
        let old = context
        let new = try allocated(avcodec_alloc_context3(old.pointee.codec), "avcodec_alloc_context3")
        var parameters = avcodec_parameters_alloc()
        defer { avcodec_parameters_free(&parameters) }
        guard let parameters else { throw FFmpegError(call: "avcodec_parameters_alloc", code: shim_error_no_memory) }
        try check(avcodec_parameters_from_context(parameters, old), "avcodec_parameters_from_context")
        av_freep(&parameters.pointee.extradata)
        let size = configuration.count
        guard let data = av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
            throw FFmpegError(call: "av_mallocz", code: shim_error_no_memory)
        }
        data.copyMemory(from: configuration, byteCount: size)
        parameters.pointee.extradata = data.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = CInt(size)
        try check(avcodec_parameters_to_context(new, parameters), "avcodec_parameters_to_context")
        new.pointee.pkt_timebase = timeBase
        new.pointee.thread_count = old.pointee.thread_count
        new.pointee.err_recognition = old.pointee.err_recognition
        let code = avcodec_open2(new, old.pointee.codec, nil)
        guard code >= 0 else {
            var failed: UnsafeMutablePointer<AVCodecContext>? = new
            avcodec_free_context(&failed)
            guard code != shim_error_no_memory else { throw FFmpegError(call: "avcodec_open2", code: code) }
            return false
        }
        context = new
        var previous: UnsafeMutablePointer<AVCodecContext>? = old
        avcodec_free_context(&previous)
        return true
    }

    /// Drops buffered data, including an end of stream, and restarts with the next packet.
    func restart() { avcodec_flush_buffers(context) }
}
