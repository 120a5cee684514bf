internal import CFFmpeg
internal import MediaWire

/// The container's own codec names, if this FFmpeg knows them less well or not at all: so that an unsupported codec
/// is recognised, and has a name.
struct ContainerCodecs {
    private let container: String
    private let flash: FlashTags?
    private let matroska: [String]

    init(_ demuxer: Demuxer) {
        container = demuxer.formatName
        flash = container == "flv" ? FlashTags(demuxer.bytes) : nil
        matroska = container == "matroska,webm" ? MatroskaCodecs.names(in: demuxer.bytes) : []
    }

    /// Corrects a stream from its container.
    func correct(_ info: inout StreamInfo, _ stream: UnsafeMutablePointer<AVStream>) {
        let parameters = stream.pointee.codecpar.pointee
        switch container {
        case "flv":
            guard let name = info.kind == .video ? flash?.picture : info.kind == .audio ? flash?.sound : nil, name != info.codec else { return }
            info.markUnreadable("\(name) in enhanced FLV")
        case "matroska,webm":
            guard parameters.codec_id == AV_CODEC_ID_NONE, matroska.indices.contains(info.index) else { return }
            info.markUnreadable(matroska[info.index])
        case "mpegts":
            guard let (kind, name) = Self.streamTypes[parameters.codec_tag], name != info.codec else { return }
            info.kind = kind
            info.markUnreadable(name)
        case "mov,mp4,m4a,3gp,3g2,mj2":
            guard info.kind == .data, Self.pictures.contains(Prober.tagName(parameters.codec_tag)) else { return }
            info.kind = .video
            info.markUnreadable(Prober.tagName(parameters.codec_tag))
        default: return
        }
    }

    /// Streams in the container that this FFmpeg does not show.
    func missing(from streams: [StreamInfo]) -> [StreamInfo] {
        func missing(_ kind: StreamInfo.Kind, _ name: String?) -> StreamInfo? {
            guard let name, !streams.contains(where: { $0.kind == kind }) else { return nil }
            var info = StreamInfo()
            info.kind = kind
            info.markUnreadable("\(name) in enhanced FLV")
            return info
        }
        return [missing(.video, flash?.picture), missing(.audio, flash?.sound)].compactMap(\.self)
    }

    /// ISO/IEC 13818-1, table 2-34, and Chinese codecs: types that not every FFmpeg knows.
    private static let streamTypes: [UInt32: (StreamInfo.Kind, String)] = [
        0x2D: (.audio, "mpegh_3d_audio"), 0x2E: (.audio, "mpegh_3d_audio"), 0x32: (.video, "jpegxs"), 0x33: (.video, "vvc"),
        0x35: (.video, "evc"), 0xD2: (.video, "avs2"), 0xD4: (.video, "avs3"),
    ]
    /// Video sample entries (mp4ra.org), in a track that is not marked as video.
    private static let pictures: Set<String> = ["vvc1", "vvi1", "evc1", "avs3", "lvc1", "jxsm", "apv1", "av02"]
}

extension StreamInfo {
    fileprivate mutating func markUnreadable(_ name: String) {
        codec = name
        isDecodable = false
        profile = nil
    }
}
