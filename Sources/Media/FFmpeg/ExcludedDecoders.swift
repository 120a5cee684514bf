/// FFmpeg's decoders that are not used, each with a reason. A test compares this and `AllowList` with FFmpeg's decoders.
enum ExcludedDecoders {
    enum Reason: String {
        /// It passes data to a driver or a device, outside the sandbox.
        case hardware = "needs a device"
        /// Another implementation of a codec that is already supported.
        case duplicate = "another decoder of the same codec is used"
        /// FFmpeg 7.1's own Speex decoder returns near silence and no error. Xiph's library is used, where FFmpeg has it.
        case silent = "it decodes wrongly without an error"
        /// A single image, never a video; TIFF, EXR, PSD and PhotoCD also had many memory errors.
        case still = "a still picture"
        /// Game and console video: nobody uploads it, and its decoders get little review.
        case game = "the format of a game"
        /// Its packets are pointers, a generator's program or an empty stream: not media.
        case noMedia = "no media"
        /// Text drawn as images, teletext and karaoke discs.
        case text = "text, drawn"
        /// Bluetooth, telephone trunks and studio links: never stored as a file of its own.
        case wire = "a format of transmission, not of files"
        /// FFmpeg itself calls it unfinished.
        case experimental = "unfinished"
        /// A third-party library that Debian does not build in, and that was not reviewed here.
        case external = "needs a library of others"
        /// Only known from its maker's samples.
        case noUser = "no known user"
    }

    static let reasons: [String: Reason] = {
        let groups: [(Reason, String)] = [
            (
                .hardware,
                """
                h263_v4l2m2m h264_v4l2m2m hevc_v4l2m2m mpeg1_v4l2m2m mpeg2_v4l2m2m mpeg4_v4l2m2m vc1_v4l2m2m vp8_v4l2m2m \
                vp9_v4l2m2m av1_cuvid h264_cuvid hevc_cuvid mjpeg_cuvid mpeg1_cuvid mpeg2_cuvid mpeg4_cuvid vc1_cuvid vp8_cuvid \
                vp9_cuvid av1_qsv h264_qsv hevc_qsv mjpeg_qsv mpeg2_qsv vc1_qsv vp8_qsv vp9_qsv vvc_qsv av1_amf h264_amf \
                hevc_amf vp9_amf
                """
            ),
            (.duplicate, "aac_fixed ac3_fixed mp3adu mp3on4 libopenjpeg"),
            (.silent, "speex"),
            (
                .still,
                """
                alias_pix brender_pix bmp cri dds dpx exr fits gem iff ilbm libjxl libjxl_anim librsvg pam pbm pcx pfm pgm pgmyuv pgx \
                phm photocd pictor ppm psd ptx qdraw qoi sunrast tiff txd vbn wbmp webp webp_anim xbm xface xpm xwd hdr
                """
            ),
            (
                .game,
                """
                4xm anm argo avs aura aura2 bethsoftvid bfi binkvideo bmv_video c93 cdtoons cdxl dfa dsicinvideo dxa eacmv eamad \
                eatgq eatgv eatqi escape124 escape130 flic gdv hnm4video idcinvideo interplayvideo jv kmvc lead mdec mmvideo \
                mobiclip motionpixels paf_video qpeg rl2 roqvideo rtv1 sanm sga simbiosis_imx smackvid thp tiertexseqvideo tmv \
                vmdvideo vqavideo vqc xan_wc3 yop \
                adpcm_4xm adpcm_afc adpcm_aica adpcm_argo adpcm_circus adpcm_dtk adpcm_ea adpcm_ea_maxis_xa adpcm_ea_r1 \
                adpcm_ea_r2 adpcm_ea_r3 adpcm_ea_xas adpcm_ima_acorn adpcm_ima_alp adpcm_ima_apc adpcm_ima_apm adpcm_ima_cunning \
                adpcm_ima_dat4 adpcm_ima_ea_eacs adpcm_ima_ea_sead adpcm_ima_escape adpcm_ima_hvqm2 adpcm_ima_hvqm4 adpcm_ima_iss \
                adpcm_ima_magix adpcm_ima_moflex adpcm_ima_mtf adpcm_ima_pda adpcm_ima_rad adpcm_ima_smjpeg adpcm_ima_ssi \
                adpcm_ima_ws adpcm_ima_xbox adpcm_mtaf adpcm_n64 adpcm_psx adpcm_psxc adpcm_sanyo adpcm_thp adpcm_thp_le \
                adpcm_vima adpcm_xa adpcm_xmd adpcm_zork ahx binkaudio_dct binkaudio_rdft bmv_audio cbd2_dpcm derf_dpcm dsicinaudio \
                fastaudio gremlin_dpcm hca hcom interplay_dpcm interplayacm paf_audio pcm_sga roq_dpcm sdx2_dpcm smackaud \
                sol_dpcm vmdaudio wady_dpcm ws_snd1 xan_dpcm
                """
            ),
            (.noMedia, "wrapped_avframe wavesynth vnull anull comfortnoise"),
            (.text, "ansi bintext xbin idf cdgraphics"),
            (.wire, "aptx aptx_hd sbc dolby_e dfpwm libcodec2 g728 lc3 liblc3"),
            (.experimental, "sonic"),
            (.external, "libuavs3d libxevd"),
            (.noUser, "frwu kgv1 vmix osq rka bonk wavarc misc4 apac ftr apv prores_raw"),
        ]
        var reasons: [String: Reason] = [:]
        for (reason, names) in groups {
            for name in names.split(separator: " ") { reasons[String(name)] = reason }
        }
        return reasons
    }()
}
