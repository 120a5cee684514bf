internal import Glibc

/// Checks the first frame of a finished MP3, which holds no audio but the frame count (the Xing header), without
/// decoding anything: the child's report alone is not trusted.
enum AudioOutputCheck {
    /// Microseconds; nil if this is not an MP3 with a header frame at its start.
    static func duration(descriptor: CInt) -> Int? {
        var head = [UInt8](repeating: 0, count: 64)
        guard pread(descriptor, &head, head.count, 0) == head.count, head[0] == 0xFF, head[1] & 0xE6 == 0xE2 else { return nil }
        let version = head[1] >> 3 & 3, rate = Int(head[2] >> 2 & 3), isMono = head[3] >> 6 == 3
        guard version != 1, rate < 3 else { return nil }
        let isFirst = version == 3
        let table = 4 + (isFirst ? (isMono ? 17 : 32) : (isMono ? 9 : 17))
        guard ["Xing", "Info"].contains(String(decoding: head[table..<table + 4], as: UTF8.self)), head[table + 7] & 1 != 0 else { return nil }
        let frames = head[table + 8..<table + 12].reduce(0) { $0 << 8 | Int($1) }
        let samplesPerSecond = [44_100, 48_000, 32_000][rate] / (isFirst ? 1 : version == 2 ? 2 : 4)
        return frames * (isFirst ? 1152 : 576) * 1_000_000 / samplesPerSecond
    }
}
