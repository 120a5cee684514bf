internal import CFFmpeg
internal import CFFmpegShims

/// An audio stream of chained Ogg (RFC 3533, 4): links with their own headers, clock and format. FFmpeg reads
/// them as one stream, including headers, and counts every link's granules as those of the first. This removes the headers
/// and passes them to the decoder with the link's first packet; the timestamps of later links are dropped, so that their audio
/// follows the audio before it.
struct OggChain {
    private let codec: AVCodecID
    private let stream: UnsafeMutablePointer<AVStream>
    /// Of the current link.
    private var header: [UInt8]
    /// After the first link.
    private var isLater = false
    /// The link's headers for the decoder, until its first packet comes.
    private var configuration: [UInt8]?
    /// Of the last packet that has one.
    private var time = Int64.min
    /// For Speex, whose second header has no signature.
    private var isCommentNext = false

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        codec = stream.pointee.codecpar.pointee.codec_id
        self.stream = stream
        header = stream.pointee.codecpar.pointee.header
    }

    /// False: the packet is a header, not to be decoded.
    mutating func take(_ packet: Packet) throws(FFmpegError) -> Bool {
        let isData = look(packet)
        guard isLater else { return isData }
        packet.pointer.pointee.pts = shim_nopts
        packet.pointer.pointee.dts = shim_nopts
        if isData, let configuration {
            self.configuration = nil
            try packet.addSideData(AV_PKT_DATA_NEW_EXTRADATA, configuration)
        }
        return isData
    }

    private mutating func look(_ packet: Packet) -> Bool {
        // Later versions of FFmpeg remove the headers themselves.
        if packet.sideData(AV_PKT_DATA_NEW_EXTRADATA) != nil { isLater = true }
        // For Opus, every version does, and only updates the stream's header.
        if codec == AV_CODEC_ID_OPUS, case let next = stream.pointee.codecpar.pointee.header, next != header {
            header = next
            begin(next)
        }
        // It restarts the link's timestamps.
        if let pts = packet.pts {
            if pts < time { isLater = true }
            time = pts
        }
        switch codec {
        case AV_CODEC_ID_OPUS:
            if packet.begins(with: "OpusHead") { begin(packet.bytes) } else { return !packet.begins(with: "OpusTags") }
        case AV_CODEC_ID_SPEEX:
            defer { isCommentNext = packet.begins(with: "Speex   ") }
            if packet.begins(with: "Speex   ") { begin(packet.bytes) } else { return !isCommentNext }
        case AV_CODEC_ID_FLAC:
            // STREAMINFO starts 17 bytes into the header; metadata blocks do not start like frames.
            if packet.begins(with: "\u{7F}FLAC"), packet.size >= 51 { begin(Array(packet.bytes[17..<51])) }
            return packet.bytes.first == 0xFF
        case AV_CODEC_ID_VORBIS:
            // Its decoder accepts headers midway.
            if packet.begins(with: "\u{1}vorbis") { isLater = true }
            return true
        default:
            return true
        }
        return false
    }

    private mutating func begin(_ configuration: [UInt8]) {
        isLater = true
        self.configuration = configuration
    }
}
