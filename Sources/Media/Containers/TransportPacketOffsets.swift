/// The positions of the packets of a transport stream in a file: 188 bytes, with 4 of a recorder before or 16 of a broadcaster after.
struct TransportPacketOffsets {
    let stride: Int64
    private let start: Int64

    /// This much at the beginning may be something else.
    private static let junk = 64 << 10
    private static let sync: UInt8 = 0x47
    private static let block = 1 << 20

    /// - Returns: nil if the file is not a transport stream.
    init?(_ stream: ByteStream) {
        let beginning = stream.peek(Self.junk)
        for place in beginning.indices where beginning[place] == Self.sync {
            for stride in [188, 192, 204] {
                let places = (1...5).map { place + $0 * stride }
                guard places.allSatisfy({ $0 < beginning.count && beginning[$0] == Self.sync }) else { continue }
                (self.stride, start) = (Int64(stride), Int64(place))
                return
            }
        }
        return nil
    }

    /// - Parameter body: takes the 188 bytes, their file offset, and whether it starts a run of packets: those before are not aligned with it.
    func forEachPacket(
        of stream: ByteStream, tick: () throws -> Void, _ body: (UnsafeBufferPointer<UInt8>, Int64, Bool) -> Void
    ) rethrows {
        var place = start
        var startsRun = true
        while true {
            let block = stream.peek(Self.block, at: place)
            guard block.count >= TransportPacket.size else { return }
            try tick()
            var offset = 0
            block.withUnsafeBufferPointer { bytes in
                while offset + TransportPacket.size <= bytes.count {
                    guard bytes[offset] == Self.sync else {
                        offset += 1
                        startsRun = true
                        continue
                    }
                    let next = offset + Int(stride)
                    // The next block tells.
                    if startsRun, next >= bytes.count, offset > 0, bytes.count == Self.block { break }
                    // After a break, one sync byte alone proves nothing.
                    if startsRun, next < bytes.count, bytes[next] != Self.sync {
                        offset += 1
                        continue
                    }
                    body(UnsafeBufferPointer(rebasing: bytes[offset..<offset + TransportPacket.size]), place + Int64(offset), startsRun)
                    startsRun = false
                    offset = next
                }
            }
            place += Int64(offset)
        }
    }
}
