/// The frames of an IVF file: a header of 32 bytes, then each frame after its size and its time.
struct IVFFrames {
    private static let (header, frame): (Int64, Int64) = (32, 12)

    private let size: Int64
    /// The header's length field: the number of frames or, by other programs, the duration.
    private let length: UInt64
    private var count: UInt64 = 0
    /// The end of the last one, in the file's time base.
    private var end: UInt64 = 0

    init(_ stream: ByteStream) {
        size = stream.size
        length = Self.number(stream.peek(4, at: 24))
        var position = Self.header, last: UInt64?
        while position + Self.frame <= size {
            let head = stream.peek(Int(Self.frame), at: position)
            guard head.count == Self.frame else { return }
            position += Self.frame + Int64(Self.number(head[0..<4]))
            guard position <= size else { return }
            let time = Self.number(head[4..<12]) & UInt64(Int64.max)
            count += 1
            end = time &+ (last.map { time > $0 ? time - $0 : 1 } ?? 1)
            last = time
        }
    }

    /// Bytes of all frames that the header promises, in both interpretations; nil if unknown, or if all exist.
    var promisedSize: Int64? {
        let present = max(count, end)
        guard length > present, present > 0, length < UInt64(UInt32.max) else { return nil }
        // An invalid header must not trap.
        return Int64(min(Double(size) * (Double(length) / Double(present)), 0x1p62))
    }

    private static func number(_ bytes: some Collection<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
