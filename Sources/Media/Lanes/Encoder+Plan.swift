internal import CFFmpeg
internal import CFFmpegShims
internal import MediaWire

/// The encoders of the output's streams, set as the plan and the profile want.
extension Encoder {
    /// H.264 with x264, by the profile.
    static func h264(_ plan: VideoPlan, _ profile: VideoProfile, timeBase: TimeBase, threads: Int) throws(FFmpegError)
        -> Encoder
    {
        let peak = profile.peakBitrate(width: plan.width, height: plan.height, frameRate: plan.frameRate)
        let options = [
            "preset": profile.preset, "crf": "\(profile.crf)", "profile": "high", "x264-params": profile.x264Parameters,
        ]
        return try Encoder("libx264", options: options) {
            $0.width = CInt(plan.width)
            $0.height = CInt(plan.height)
            $0.pix_fmt = AV_PIX_FMT_YUV420P
            $0.sample_aspect_ratio = AVRational(num: 1, den: 1)
            $0.time_base = timeBase
            $0.framerate = av_d2q(plan.frameRate, 1001 * 240)
            $0.gop_size = CInt(max(1, (plan.frameRate * profile.keyframeInterval).rounded()))
            $0.color_primaries = Colour.target.primaries
            $0.color_trc = Colour.target.transfer
            $0.colorspace = Colour.target.matrix
            $0.color_range = AVCOL_RANGE_MPEG
            $0.chroma_sample_location = AVCHROMA_LOC_LEFT
            $0.rc_max_rate = Int64(min(peak, 200_000_000))
            $0.rc_buffer_size = CInt(min(peak * 2, 400_000_000))
            $0.thread_count = CInt(threads)
            // Parameter sets go into the container's header, once.
            $0.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER) | CInt(bitPattern: UInt32(AV_CODEC_FLAG_CLOSED_GOP))
        }
    }

    /// AAC-LC with FFmpeg's own encoder.
    static func aac(_ plan: AudioPlan) throws(FFmpegError) -> Encoder {
        // At some bitrates the default search ("twoloop") makes pure tones louder by up to 5 dB.
        try Encoder("aac", options: plan.isCautious ? ["aac_coder": "fast"] : [:]) {
            $0.sample_rate = CInt(plan.sampleRate)
            $0.sample_fmt = AV_SAMPLE_FMT_FLTP
            $0.bit_rate = Int64(plan.bitrate)
            $0.time_base = AVRational(num: 1, den: CInt(plan.sampleRate))
            shim_layout_default(&$0.ch_layout, CInt(plan.channels))
            $0.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER)
        }
    }
}
