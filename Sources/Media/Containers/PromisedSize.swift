/// The file size according to its own headers, if FFmpeg ignores it: a shorter file was cut.
enum PromisedSize {
    /// Nil if the headers do not tell.
    static func of(_ stream: ByteStream) -> Int64? {
        let header = stream.peek(4096)
        guard header.count >= 64 else { return nil }
        switch Array(header[0..<4]) {
        case Array("RIFF".utf8):
            // Recorders that cannot seek back write 0 or the largest number.
            let size = littleEndian(header[4..<8])
            return (1...0x7FFF_FFFF).contains(size) ? size + 8 : nil
        case Array("RF64".utf8):
            // EBU Tech 3306: the size is in the chunk ds64, which is the first.
            let size = littleEndian(header[20..<28])
            return header[12..<16].elementsEqual("ds64".utf8) && size > 0 ? size.addingReportingOverflow(8).partialValue : nil
        case Array("FORM".utf8):
            let size = bigEndian(header[4..<8])
            return size > 0 ? size + 8 : nil
        case Array(".snd".utf8):
            let size = bigEndian(header[8..<12])
            return (1..<0xFFFF_FFFF).contains(size) ? bigEndian(header[4..<8]) + size : nil
        case Array("FLV\u{1}".utf8): return flashFileSize(header)
        case asfHeader: return asfFileSize(header)
        case Array("DKIF".utf8): return IVFFrames(stream).promisedSize
        case materialKey: return materialFileSize(header)
        case [0x1A, 0x45, 0xDF, 0xA3]: return MatroskaElements(stream).end
        default:
            return header[4..<8].elementsEqual("ftyp".utf8) ? boxesEnd(stream) : mp3FileSize(stream)
        }
    }

    /// Advanced Systems Format (revision 01.20), 3.1 and 3.2: the header object's and the file properties object's GUID.
    private static let asfHeader: [UInt8] = [0x30, 0x26, 0xB2, 0x75]
    private static let fileProperties: [UInt8] = [0xA1, 0xDC, 0xAB, 0x8C, 0x47, 0xA9, 0xCF, 0x11]

    /// A partition pack of MXF (SMPTE ST 377-1, 7.1): its key, the length, 28 bytes, and the offset of the footer; 0 if
    /// unknown when the header was written.
    private static let materialKey: [UInt8] = [0x06, 0x0E, 0x2B, 0x34]
    private static let leastFooter: Int64 = 20

    private static func materialFileSize(_ header: [UInt8]) -> Int64? {
        let length = header[16]
        let start = 17 + (length & 0x80 != 0 ? Int(length & 0x7F) : 0) + 24
        guard header[4..<13].elementsEqual([2, 5, 1, 1, 0x0D, 1, 2, 1, 1]), start + 8 <= header.count else { return nil }
        let footer = bigEndian(header[start..<start + 8])
        return footer > 0 && footer < 1 << 50 ? footer + leastFooter : nil
    }

    /// After the GUID follow the object's size (8 bytes), the file's ID (16) and the file's size (8).
    private static func asfFileSize(_ header: [UInt8]) -> Int64? {
        let last = header.count - 48
        guard let start = (0..<max(0, last)).first(where: { Array(header[$0..<$0 + 8]) == fileProperties }) else { return nil }
        let size = littleEndian(header[start + 40..<start + 48])
        return size > 0 ? size : nil
    }

    /// The number `filesize` of a Flash video's metadata: after the name follows the type, 0, and a big-endian double.
    private static func flashFileSize(_ header: [UInt8]) -> Int64? {
        let name = Array("filesize".utf8) + [0]
        guard let start = (0..<header.count - 17).first(where: { header[$0..<$0 + 9].elementsEqual(name) }) else { return nil }
        let size = Double(bitPattern: UInt64(bitPattern: bigEndian(header[start + 9..<start + 17])))
        return size > 0 && size < 1e15 ? Int64(size) : nil
    }

    /// The end of the last box of an MP4 (ISO/IEC 14496-12, 4.2): only that one may exceed the end of the file.
    private static func boxesEnd(_ stream: ByteStream) -> Int64? {
        var position: Int64 = 0
        for _ in 0..<100_000 where position + 8 <= stream.size {
            let header = stream.peek(16, at: position)
            guard header.count >= 8, header[4..<8].allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
            var size = bigEndian(header[0..<4])
            if size == 1, header.count == 16 { size = bigEndian(header[8..<16]) }
            guard size >= 8, size < Int64.max / 2 else { return nil }
            position += size
        }
        return position
    }

    /// The byte count in an MP3's first frame (Xing, Info, VBRI), after an ID3v2 tag.
    private static func mp3FileSize(_ stream: ByteStream) -> Int64? {
        let tag = stream.peek(10)
        var start: Int64 = 0
        if tag.count == 10, tag.starts(with: "ID3".utf8) {
            start = 10 + tag[6..<10].reduce(0) { $0 << 7 | Int64($1 & 0x7F) }
        }
        let frame = stream.peek(200, at: start)
        guard frame.count == 200, frame[0] == 0xFF, frame[1] & 0xE0 == 0xE0 else { return nil }
        // After the frame's header (4 bytes) and side information (9, 17 or 32 bytes).
        for place in [13, 21, 36] where ["Xing", "Info"].contains(where: { frame[place..<place + 4].elementsEqual($0.utf8) }) {
            let flags = frame[place + 7]
            guard flags & 2 != 0 else { return nil }
            let field = place + (flags & 1 != 0 ? 12 : 8)
            let bytes = bigEndian(frame[field..<field + 4])
            return bytes > 0 ? start + bytes : nil
        }
        guard frame[36..<40].elementsEqual("VBRI".utf8) else { return nil }
        let bytes = bigEndian(frame[46..<50])
        return bytes > 0 ? start + bytes : nil
    }

    private static func littleEndian(_ bytes: some Collection<UInt8>) -> Int64 { bigEndian(bytes.reversed()) }

    private static func bigEndian(_ bytes: some Collection<UInt8>) -> Int64 {
        Int64(truncatingIfNeeded: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
