internal import CFFmpeg

/// Inspects the packets of a copied audio stream: MP4 has one configuration for the whole stream, and a player continues
/// with the first if another follows.
struct AudioInspector {
    static let change = "its parameters change midway"

    private let header: [UInt8]
    private let codec: AVCodecID
    /// From the first packet: rate, channels and type in its own header.
    private var first: [UInt8]?

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let parameters = stream.pointee.codecpar.pointee
        codec = parameters.codec_id
        header = parameters.header
    }

    /// Why the packet cannot be copied; nil if it can.
    mutating func objection(to packet: Packet) -> String? {
        if packet.changesParameters(of: header) { return Self.change }
        guard packet.size >= 4, let bytes = packet.pointer.pointee.data, let own = configuration(bytes) else { return nil }
        defer { first = first ?? own }
        return first == nil || first == own ? nil : Self.change
    }

    private func configuration(_ bytes: UnsafePointer<UInt8>) -> [UInt8]? {
        guard bytes[0] == 0xFF else { return nil }
        switch codec {
        // ISO/IEC 13818-7, 6.2.1 (ADTS): profile, rate and channels; the private bit between them has no meaning.
        case AV_CODEC_ID_AAC where header.isEmpty && bytes[1] & 0xF6 == 0xF0: return [bytes[2] & 0xFD, bytes[3] & 0xC0]
        // ISO/IEC 11172-3, 2.4.1.3: version and layer, rate, one channel or two.
        case AV_CODEC_ID_MP3 where bytes[1] & 0xE0 == 0xE0:
            return [bytes[1] & 0x1E, bytes[2] & 0x0C, bytes[3] & 0xC0 == 0xC0 ? 1 : 2]
        default: return nil
        }
    }
}
