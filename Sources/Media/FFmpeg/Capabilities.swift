internal import CFFmpeg
internal import MediaWire

/// The features that this machine's FFmpeg must have.
enum Capabilities {
    static let encoders: Set<String> = ["libx264", "aac", "mjpeg"]
    /// For files of phones, browsers and messengers, and for our own results. Rarer formats fail when needed.
    private static let decoders = [
        AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MJPEG,
        AV_CODEC_ID_AAC, AV_CODEC_ID_MP3, AV_CODEC_ID_OPUS, AV_CODEC_ID_VORBIS, AV_CODEC_ID_AMR_NB, AV_CODEC_ID_PCM_S16LE,
    ]
    /// Some are in every graph, others depend on the media.
    static let filters: Set<String> = [
        "buffer", "buffersink", "format", "scale", "setsar", "crop", "pad", "hflip", "vflip", "transpose", "bwdif", "zscale",
        "tonemap", "split", "lutrgb", "overlay",
        "abuffer", "abuffersink", "anull", "aformat", "aresample", "volume", "ebur128", "apad", "pan",
    ]
    private static let demuxers = ["mov", "matroska", "mp3", "aac", "ogg", "wav", "amr"]
    private static let muxers = OutputContainer.allCases.map(\.muxer) + ["null"]
    private static let packetFilters = ["filter_units", "mpeg4_unpack_bframes"]

    static var report: CapabilitiesReport {
        var report = CapabilitiesReport()
        report.version = String(cString: av_version_info())
        report.outdated = libraries.compactMap(\.complaint)
        report.missing =
            encoders.filter { avcodec_find_encoder_by_name($0) == nil }.sorted()
            + decoders.filter { Decoder.find($0, allowed: AllowList.decoders) == nil }.map { "the decoder of \(name($0))" }
            + filters.filter { avfilter_get_by_name($0) == nil }.sorted().map { "the filter \($0)" }
            + demuxers.filter { av_find_input_format($0) == nil }.map { "the reader of \($0)" }
            + muxers.filter { av_guess_format($0, nil, nil) == nil }.map { "the writer of \($0)" }
            + packetFilters.filter { av_bsf_get_by_name($0) == nil }.map { "the packet filter \($0)" }
        return report
    }

    private static func name(_ codec: AVCodecID) -> String { String(cString: avcodec_get_name(codec)) }

    /// A newer version has everything that an older one of its major version has; the loader checks the major version.
    private struct Library {
        let name: String
        let found: UInt32
        let major: CInt
        let minor: CInt

        var complaint: String? {
            let here = (CInt(found >> 16), CInt(found >> 8 & 0xFF))
            return here < (major, minor) ? "\(name) is \(here.0).\(here.1), and \(major).\(minor) is needed" : nil
        }
    }

    /// The versions of the headers at compile time.
    private static var libraries: [Library] {
        [
            Library(name: "libavcodec", found: avcodec_version(), major: LIBAVCODEC_VERSION_MAJOR, minor: LIBAVCODEC_VERSION_MINOR),
            Library(name: "libavformat", found: avformat_version(), major: LIBAVFORMAT_VERSION_MAJOR, minor: LIBAVFORMAT_VERSION_MINOR),
            Library(name: "libavutil", found: avutil_version(), major: LIBAVUTIL_VERSION_MAJOR, minor: LIBAVUTIL_VERSION_MINOR),
            Library(name: "libavfilter", found: avfilter_version(), major: LIBAVFILTER_VERSION_MAJOR, minor: LIBAVFILTER_VERSION_MINOR),
            Library(name: "libswscale", found: swscale_version(), major: LIBSWSCALE_VERSION_MAJOR, minor: LIBSWSCALE_VERSION_MINOR),
            Library(
                name: "libswresample", found: swresample_version(), major: LIBSWRESAMPLE_VERSION_MAJOR, minor: LIBSWRESAMPLE_VERSION_MINOR),
        ]
    }
}
