/// The structure of an MP3, byte by byte: FFmpeg skips unknown data, and a site would serve it.
struct MPEGAudioScan {
    private(set) var frames = 0
    /// There is something beside frames of one kind: tags, another recording, a partial frame.
    private(set) var holdsMore = false
    /// Frames have different sizes, so that no player can tell the duration by the first.
    private(set) var variesInBitrate = false
    /// The frame count in the first frame's table; nil without a table.
    private(set) var table: Int?

    /// Bytes to read at a time.
    private static let window = 256 * 1024

    init(_ stream: ByteStream) {
        let end = stream.size
        var position = skipPlainTag(stream)
        var kind: MPEGAudioFrame.Kind?
        var bitrate: Int?
        var window: [UInt8] = [], start: Int64 = 0
        while position < end {
            // A header and, for the first frame, its table.
            if position < start || position + 64 > start + Int64(window.count) { (window, start) = (stream.peek(Self.window, at: position), position) }
            let rest = window.dropFirst(Int(position - start))
            guard let frame = MPEGAudioFrame(rest.prefix(MPEGAudioFrame.headerSize)), kind == nil || frame.kind == kind,
                position + Int64(frame.size) <= end
            else {
                holdsMore = true
                return
            }
            if let told = frame.table(in: rest.prefix(64)) {
                guard kind == nil else {
                    // Of another recording that was joined to it.
                    holdsMore = true
                    return
                }
                table = told
            } else {
                if let bitrate, bitrate != frame.bitrate { variesInBitrate = true }
                bitrate = frame.bitrate
                frames += 1
            }
            kind = frame.kind
            position += Int64(frame.size)
        }
    }

    /// Why the file is not kept, phrased to follow “write MP3 …”; nil if every player accepts it.
    var objection: String? {
        if holdsMore { return "it contains more than audio frames" }
        if let table, table != 0 || variesInBitrate, abs(table - frames) > 1 { return "its header has another duration than its frames" }
        if table == nil, variesInBitrate { return "its bitrate varies, and no header has its duration" }
        return nil
    }

    /// The start of the frames: after a tag (id3.org, version 2.3 and 2.4) that only names the encoder.
    private mutating func skipPlainTag(_ stream: ByteStream) -> Int64 {
        let head = stream.peek(10)
        guard head.count == 10, head.starts(with: Array("ID3".utf8)), head[3] == 3 || head[3] == 4, head[5] == 0,
            head[6...].allSatisfy({ $0 < 128 })
        else { return 0 }
        let size = head[6...].reduce(0) { $0 << 7 | Int($1) }
        let tag = stream.peek(min(size, Self.window), at: 10)
        var position = 0
        while position + 10 <= tag.count, tag[position] != 0 {
            let name = String(decoding: tag[position..<position + 4], as: UTF8.self)
            let bits = head[3] == 4 ? 7 : 8
            let length = tag[position + 4..<position + 8].reduce(0) { $0 << bits | Int($1) }
            guard ["TSSE", "TLEN"].contains(name) else { break }
            position += 10 + length
        }
        if position > tag.count || !tag[min(position, tag.count)...].allSatisfy({ $0 == 0 }) || tag.count < size { holdsMore = true }
        return 10 + Int64(size)
    }
}
