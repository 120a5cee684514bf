/// The codecs in a Flash video's tags, if FFmpeg may not know them: enhanced FLV (Veovera's Enhanced RTMP, version 2)
/// identifies them by FourCC, and FFmpeg supports it from 6.1 on, in part.
struct FlashTags {
    /// FFmpeg's codec names, if known; nil for old-style tags, or without any.
    private(set) var picture: String?
    private(set) var sound: String?

    /// Maximum number of tags to read.
    private static let most = 200

    private static let names = [
        "hvc1": "hevc", "avc1": "h264", "av01": "av1", "vp08": "vp8", "vp09": "vp9", "vvc1": "vvc",
        "Opus": "opus", "fLaC": "flac", "ac-3": "ac3", "ec-3": "eac3", ".mp3": "mp3", "mp4a": "aac",
    ]
    /// Non-standard numbers that servers use.
    private static let numbers: [UInt8: String] = [12: "hevc", 13: "av1", 14: "vvc"]
    /// Seven bits of a video tag's first byte mark the enhanced kind; so does this format of an audio tag.
    private static let enhancedVideo: UInt8 = 0x80
    private static let enhancedSound: UInt8 = 9

    /// Nil if the stream is not a Flash video.
    init?(_ stream: ByteStream) {
        let header = stream.peek(9)
        guard header.count == 9, header.starts(with: Array("FLV".utf8)) else { return nil }
        var offset = Int64(Self.number(header[5..<9])) + 4
        var (hasPicture, hasSound) = (false, false)
        for _ in 0..<Self.most where !hasPicture || !hasSound {
            let tag = stream.peek(17, at: offset)
            guard tag.count == 17 else { return }
            let size = Int64(Self.number(tag[1..<4]))
            switch tag[0] & 0x1F {
            case 9 where size > 0 && !hasPicture:
                hasPicture = true
                picture = tag[11] & Self.enhancedVideo != 0 ? Self.name(tag, multitrack: tag[11] & 15 == 6) : Self.numbers[tag[11] & 15]
            case 8 where size > 0 && !hasSound:
                hasSound = true
                if tag[11] >> 4 == Self.enhancedSound { sound = Self.name(tag, multitrack: tag[11] & 15 == 5) }
            default: break
            }
            offset += size + 15
        }
    }

    private static func name(_ tag: [UInt8], multitrack: Bool) -> String {
        let start = multitrack ? 13 : 12
        guard tag.count >= start + 4 else { return "unknown" }
        let code = String(decoding: tag[start..<start + 4], as: UTF8.self)
        return names[code] ?? (code.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? code : "unknown")
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }
}
