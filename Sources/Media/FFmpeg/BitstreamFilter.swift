internal import CFFmpeg
internal import CFFmpegShims

/// One of FFmpeg's filters for coded packets. Owns it; one thread at a time.
final class BitstreamFilter {
    private let context: UnsafeMutablePointer<AVBSFContext>

    /// - Parameter options: FFmpeg's options of the filter.
    init(_ name: String, options: [String: String] = [:], stream: UnsafeMutablePointer<AVStream>) throws {
        guard let filter = av_bsf_get_by_name(name) else {
            throw FFmpegError(call: "av_bsf_get_by_name(\(name))", code: shim_error_invalid_data)
        }
        var context: UnsafeMutablePointer<AVBSFContext>?
        try check(av_bsf_alloc(filter, &context), "av_bsf_alloc")
        self.context = try allocated(context, "av_bsf_alloc")
        // From here on a throw runs `deinit`, which frees the context.
        try check(
            avcodec_parameters_copy(self.context.pointee.par_in, stream.pointee.codecpar), "avcodec_parameters_copy")
        self.context.pointee.time_base_in = stream.pointee.time_base
        for (key, value) in options {
            try check(av_opt_set(self.context.pointee.priv_data, key, value, 0), "av_opt_set(\(key))")
        }
        try check(av_bsf_init(self.context), "av_bsf_init(\(name))")
    }

    deinit {
        var context: UnsafeMutablePointer<AVBSFContext>? = self.context
        av_bsf_free(&context)
    }

    /// The output's parameters; borrowed, valid as long as the filter.
    var parameters: UnsafePointer<AVCodecParameters> { UnsafePointer(context.pointee.par_out) }

    /// Filters a packet in place. False if it has no output, or not yet.
    func filter(_ packet: Packet) throws(FFmpegError) -> Bool {
        try check(av_bsf_send_packet(context, packet.pointer), "av_bsf_send_packet")
        let code = av_bsf_receive_packet(context, packet.pointer)
        if code == shim_error_again { return false }
        try check(code, "av_bsf_receive_packet")
        return true
    }

    /// Drops what it holds back.
    func restart() { av_bsf_flush(context) }
}
