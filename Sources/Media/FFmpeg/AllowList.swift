/// What FFmpeg may be used for. Uploads are untrusted: a demuxer that opens other files (playlists, concat,
/// image sequences), runs scripts or is obsolete is not reachable, whatever a file claims to be.
enum AllowList {
    /// FFmpeg's names; a demuxer with several names is listed by its full name.
    static let demuxers: Set<String> = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf", "rm", "mpegts", "mpeg", "mpegvideo", "ogg",
        "mxf", "dv", "gif", "apng", "ivf", "nut", "h264", "hevc", "m4v",
        "mp3", "wav", "w64", "aiff", "flac", "aac", "ac3", "eac3", "amr", "amrnb", "amrwb", "caf", "au", "wv", "tta",
        "ape", "dts", "truehd", "mpc", "mpc8", "loas",
        // Windows' TV recordings, security cameras, raw streams of AV1, VC-1 and Dirac.
        "wtv", "dhav", "obu", "av1", "vc1", "dirac", "cavsvideo",
        // MiniDisc, dictation machines, lossless and telephone audio.
        "oma", "aea", "dss", "tak", "shn", "vqf", "qcp", "dsf", "voc", "xwma", "mlp", "amv",
    ]

    static let decoders = videoDecoders.union(audioDecoders).union(coverDecoders)
    /// For FFmpeg's own check, comma-separated.
    static let codecs = decoders.joined(separator: ",")

    /// Everything not in `ExcludedDecoders` must be listed here, deliberately: a test compares both with FFmpeg's decoders.
    static let videoDecoders: Set<String> = [
        // Phones, browsers, messengers, cameras, television, editing.
        "h264", "hevc", "vvc", "vp8", "vp9", "libvpx", "libvpx-vp9", "libdav1d", "libaom-av1", "av1",
        "mpeg1video", "mpeg2video", "mpegvideo", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "h261", "h263", "h263i",
        "h263p", "flv", "wmv1", "wmv2", "wmv3", "wmv3image", "vc1", "vc1image", "theora", "vp3", "vp4", "vp5", "vp6", "vp6a",
        "vp6f", "vp7", "rv10", "rv20", "rv30", "rv40", "rv60", "cavs", "dirac", "snow",
        "mjpeg", "mjpegb", "smvjpeg", "mxpeg", "sp5x", "amv", "jpeg2000", "jpegls", "prores", "dnxhd", "cfhd", "dvvideo",
        "qtrle", "rpza", "cinepak", "svq1", "svq3", "msvideo1", "indeo2", "indeo3", "indeo4", "indeo5", "gif", "apng", "png",
        "hap", "dxv", "notchlc", "speedhq", "hqx", "hq_hqa", "aic", "pixlet", "sheervideo", "prosumer", "clearvideo",
        "media100", "ipu", "nuv", "mimic", "imm4", "imm5", "agm", "pdv",
        // Uncompressed.
        "rawvideo", "v210", "v210x", "v308", "v408", "v410", "012v", "yuv4", "y41p", "ayuv", "r10k", "r210", "avrp", "avrn",
        "avui", "targa_y216", "m101", "bitpacked",
        // Lossless codecs, screen and game recorders.
        "huffyuv", "ffvhuff", "hymt", "ffv1", "utvideo", "magicyuv", "lagarith", "vble", "cllc", "ylc", "loco", "mszh", "zlib",
        "zerocodec", "fraps", "dxtory", "zmbv", "camstudio", "camtasia", "tscc2", "flashsv", "flashsv2", "g2m", "vmnc", "mss1",
        "mss2", "mts2", "msa1", "screenpresso", "rscc", "mscc", "srgc", "scpr", "rasc", "wcmv", "mwsc", "tdsc", "fmvc", "lscr",
        "arbc", "fic", "mv30", "mvdv", "mvha", "msp2",
        // Old computers and capture cards.
        "8bps", "smc", "msrle", "aasc", "cyuv", "cljr", "asv1", "asv2", "vcr1", "xl", "wnv1", "ultimotion", "truemotion1",
        "truemotion2", "truemotion2rt", "mvc1", "mvc2", "sgirle", "cpia", "vb", "xan_wc4", "targa", "sgi",
    ]

    static let audioDecoders: Set<String> = [
        "aac", "aac_latm", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "mp3adufloat", "mp3on4float", "als",
        "ac3", "eac3", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac", "wmav1", "wmav2", "wmapro", "wmavoice",
        "wmalossless", "xma1", "xma2",
        "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "dca", "truehd", "mlp", "wavpack", "tta", "ape",
        "tak", "shorten", "mpc7", "mpc8", "cook", "sipr", "real_144", "real_288", "ra_144", "ra_288", "ralf",
        "atrac1", "atrac3", "atrac3al", "atrac3plus", "atrac3plusal", "atrac9",
        "gsm", "gsm_ms", "libgsm", "libgsm_ms", "libspeex", "nellymoser", "qdm2", "qdmc", "mace3", "mace6",
        "dvaudio", "s302m", "dss_sp", "evrc", "qcelp", "truespeech", "ilbc", "g722", "g723_1", "g726", "g726le", "g729",
        "siren", "msnsiren", "metasound", "twinvq", "on2avc", "imc", "iac", "acelp.kelvin",
        "dsd_lsbf", "dsd_lsbf_planar", "dsd_msbf", "dsd_msbf_planar", "dst", "qoa",
        "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ima_amv", "adpcm_ima_dk3", "adpcm_ima_dk4", "adpcm_ima_oki", "adpcm_ms",
        "adpcm_swf", "adpcm_yamaha", "adpcm_ct", "adpcm_adx", "adpcm_g722", "adpcm_g726", "adpcm_g726le", "adpcm_sbpro_2",
        "adpcm_sbpro_3", "adpcm_sbpro_4", "adpcm_agm", "8svx_exp", "8svx_fib",
        "pcm_alaw", "pcm_mulaw", "pcm_vidc", "pcm_bluray", "pcm_dvd", "pcm_lxf", "pcm_s8", "pcm_s8_planar", "pcm_u8",
        "pcm_s16le", "pcm_s16be", "pcm_s16le_planar", "pcm_s16be_planar", "pcm_u16le", "pcm_u16be", "pcm_s24le", "pcm_s24be",
        "pcm_s24le_planar", "pcm_s24daud", "pcm_u24le", "pcm_u24be", "pcm_s32le", "pcm_s32be", "pcm_s32le_planar",
        "pcm_u32le", "pcm_u32be", "pcm_s64le", "pcm_s64be", "pcm_f16le", "pcm_f24le", "pcm_f32le", "pcm_f32be", "pcm_f64le",
        "pcm_f64be",
    ]

    /// Cover art: only decoded for a poster.
    static let coverDecoders: Set<String> = ["mjpeg", "png", "gif", "bmp", "webp"]
}
