/// What FFmpeg may be used for. Uploads come from strangers: a demuxer that opens other files (playlists, concat,
/// image sequences), runs scripts or is a museum piece is not reachable, whatever a file claims to be.
enum AllowList {
    /// FFmpeg's names; a demuxer with several names is listed by its full name.
    static let demuxers: Set<String> = [
        "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "flv", "asf", "rm", "mpegts", "mpeg", "mpegvideo", "ogg",
        "mxf", "dv", "gif", "apng", "ivf", "nut", "h264", "hevc", "m4v",
        "mp3", "wav", "w64", "aiff", "flac", "aac", "ac3", "eac3", "amr", "amrnb", "amrwb", "caf", "au", "wv", "tta",
        "ape", "dts", "truehd", "mpc", "mpc8", "loas",
    ]

    static let videoDecoders: Set<String> = [
        "h264", "hevc", "vvc", "vp8", "vp9", "libvpx", "libvpx-vp9", "libdav1d", "libaom-av1", "av1",
        "mpeg1video", "mpeg2video", "mpegvideo", "mpeg4", "msmpeg4", "msmpeg4v1", "msmpeg4v2", "h261", "h263", "h263p",
        "flv", "wmv1", "wmv2", "wmv3", "vc1", "theora", "vp3", "vp6", "vp6a", "vp6f", "rv10", "rv20", "rv30", "rv40",
        "mjpeg", "mjpegb", "prores", "dnxhd", "cfhd", "dvvideo", "qtrle", "rpza", "cinepak", "svq1", "svq3", "msvideo1",
        "indeo3", "indeo4", "indeo5", "rawvideo", "huffyuv", "ffvhuff", "ffv1", "utvideo", "gif", "apng", "png",
    ]

    static let audioDecoders: Set<String> = [
        "aac", "aac_latm", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "ac3", "eac3", "opus", "libopus",
        "vorbis", "libvorbis", "flac", "alac", "wmav1", "wmav2", "wmapro", "wmavoice", "wmalossless",
        "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "dca", "truehd", "mlp", "wavpack", "tta", "ape",
        "mpc7", "mpc8", "cook", "sipr", "real_144", "real_288", "ra_144", "ra_288", "atrac3", "ralf",
        "gsm", "gsm_ms", "libgsm", "libgsm_ms", "speex", "libspeex", "nellymoser", "qdm2", "qdmc", "mace3", "mace6",
        "dvaudio", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "g722", "g726", "g726le",
        "qcelp", "truespeech", "ilbc",
        "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "pcm_lxf", "pcm_s8", "pcm_s8_planar", "pcm_u8", "pcm_s16le",
        "pcm_s16be", "pcm_s16le_planar", "pcm_s16be_planar", "pcm_u16le", "pcm_u16be", "pcm_s24le", "pcm_s24be",
        "pcm_s24le_planar", "pcm_s24daud", "pcm_u24le", "pcm_u24be", "pcm_s32le", "pcm_s32be", "pcm_s32le_planar",
        "pcm_u32le", "pcm_u32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be",
    ]

    /// Cover art: decoded only for a poster.
    static let coverDecoders: Set<String> = ["mjpeg", "png", "gif", "bmp", "webp"]
}
