internal import CFFmpeg
internal import CFFmpegShims

/// Takes the supplemental units (SEI) out of an H.264 stream that is copied, by FFmpeg's `filter_units`: players need
/// none of them, and cameras write notes there. Owns the filter; one thread at a time.
final class NoteRemover {
    private let context: UnsafeMutablePointer<AVBSFContext>

    init(_ stream: UnsafeMutablePointer<AVStream>) throws {
        guard let filter = av_bsf_get_by_name("filter_units") else {
            throw FFmpegError(call: "av_bsf_get_by_name(filter_units)", code: shim_error_invalid_data)
        }
        var context: UnsafeMutablePointer<AVBSFContext>?
        try check(av_bsf_alloc(filter, &context), "av_bsf_alloc")
        self.context = try allocated(context, "av_bsf_alloc")
        // From here on a throw runs `deinit`, which frees the context.
        try check(
            avcodec_parameters_copy(self.context.pointee.par_in, stream.pointee.codecpar), "avcodec_parameters_copy")
        self.context.pointee.time_base_in = stream.pointee.time_base
        try check(av_opt_set(self.context.pointee.priv_data, "remove_types", "6", 0), "av_opt_set(remove_types)")
        try check(av_bsf_init(self.context), "av_bsf_init(filter_units)")
    }

    deinit {
        var context: UnsafeMutablePointer<AVBSFContext>? = self.context
        av_bsf_free(&context)
    }

    /// The packet without its notes, in place. False where nothing of it is left.
    func clean(_ packet: Packet) throws(FFmpegError) -> Bool {
        try check(av_bsf_send_packet(context, packet.pointer), "av_bsf_send_packet")
        let code = av_bsf_receive_packet(context, packet.pointer)
        if code == shim_error_again { return false }
        try check(code, "av_bsf_receive_packet")
        return true
    }
}
