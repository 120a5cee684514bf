internal import MediaWire
internal import Verdicts

/// Explains what a file is that is neither audio nor video, as far as possible.
enum Refusal {
    /// `format` is FFmpeg's guess, only for the message: nothing of that format is ever opened.
    static func verdict(format: String?, beginning: [UInt8]) -> Verdict {
        // From 7.1.1 on, FFmpeg recognizes HLS by the extension of a name only.
        if isPlaylist(beginning) { return Verdict(.playlist) }
        switch format {
        case "hls"?, "dash"?, "concat"?, "sdp"?, "rtsp"?, "imf"?, "webm_dash_manifest"?:
            return Verdict(.playlist)
        case "swf"?:
            return Verdict(.flashProgram)
        case "webp_pipe"? where isAnimated(webP: beginning):
            return Verdict(.animatedWebP)
        case let name? where name.hasSuffix("_pipe") || name == "image2" || name == "ico":
            return Verdict(.image)
        case let name? where !isText(beginning):
            return Verdict(.unsupportedFormat(name))
        case _ where isText(beginning):
            return Verdict(.text)
        default:
            return Verdict(.notMedia)
        }
    }

    /// M3U, of which HLS (RFC 8216, 4.3.1.1) is one kind; a byte order mark may come first.
    private static func isPlaylist(_ beginning: [UInt8]) -> Bool {
        isText(beginning) && (beginning.starts(with: Array("#EXTM3U".utf8)) || beginning.starts(with: Array("\u{FEFF}#EXTM3U".utf8)))
    }

    /// A bit of WebP's extended header (RFC 9649, 2.7).
    private static func isAnimated(webP beginning: [UInt8]) -> Bool {
        beginning.count > 20 && Array(beginning[8..<16]) == Array("WEBPVP8X".utf8) && beginning[20] & 0x02 != 0
    }

    /// AVIF and HEIF consist of MP4 boxes, but are images: their brand says so (ISO/IEC 23008-12).
    static func stillPicture(_ beginning: [UInt8]) -> Verdict? {
        guard beginning.count >= 12, Array(beginning[4..<8]) == Array("ftyp".utf8) else { return nil }
        let brands = ["avif", "avis", "heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"]
        guard brands.contains(String(decoding: beginning[8..<12], as: UTF8.self)) else { return nil }
        return Verdict(.image)
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        // The last character may be truncated.
        !bytes.isEmpty && bytes.allSatisfy { $0 >= 0x20 || (0x09...0x0D).contains($0) || $0 == 0x1B }
            && (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
    }
}
