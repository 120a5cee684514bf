internal import CFFmpeg
internal import CFFmpegShims

/// A sound stream of Ogg that is made of links (RFC 3533, 4), each with headers, a clock and a format of its own. FFmpeg reads
/// them as one stream, headers and all, and counts every link's granules as those of the first. The headers are taken out
/// and given to the decoder with the link's first packet; the times of later links are forgotten, so that their sound
/// follows the sound before it.
struct OggChain {
    private let codec: AVCodecID
    private let stream: UnsafeMutablePointer<AVStream>
    /// Of the link that is read.
    private var header: [UInt8]
    /// Behind the first link.
    private var isLater = false
    /// What the decoder of the link needs to know, until its first packet comes.
    private var configuration: [UInt8]?
    /// Of the last packet that has one.
    private var time = Int64.min
    /// Of Speex, whose second header has no mark.
    private var isCommentNext = false

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        codec = stream.pointee.codecpar.pointee.codec_id
        self.stream = stream
        header = stream.pointee.codecpar.pointee.header
    }

    /// False: the packet is a header, and not to be decoded.
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
        // Later versions of FFmpeg take the headers out themselves.
        if packet.sideData(AV_PKT_DATA_NEW_EXTRADATA) != nil { isLater = true }
        // Of Opus every version does, and leaves no more of it than another header of the stream.
        if codec == AV_CODEC_ID_OPUS, case let next = stream.pointee.codecpar.pointee.header, next != header {
            header = next
            begin(next)
        }
        // It begins the link's times anew.
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
            // STREAMINFO comes 17 bytes into the header; metadata blocks do not begin as frames do.
            if packet.begins(with: "\u{7F}FLAC"), packet.size >= 51 { begin(Array(packet.bytes[17..<51])) }
            return packet.bytes.first == 0xFF
        case AV_CODEC_ID_VORBIS:
            // Its decoder takes headers on the way.
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
