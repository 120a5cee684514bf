internal import CFFmpeg

/// Streams of a transport or programme stream that go on in others.
struct TrackJoins {
    /// Streams, by that which they continue.
    var heads: [Int: Int] = [:]
    /// The last packets before a seam. A packet's end is the next one's beginning, so that FFmpeg hands out the last one of a
    /// stream that has ended at the end of the file, long after its time.
    var stragglers: [Packet] = []

    /// Bytes from the beginning of the file within which all streams begin, where FFmpeg would not look so far; 0 elsewhere.
    var reach: Int64 = 0

    func head(of index: Int) -> Int { heads[index] ?? index }
    func isJoined(_ index: Int) -> Bool { heads[index] != nil || heads.values.contains(index) }
}

/// Tells packets that come after their time: those that lie in the file before the beginning of a stream that has begun already.
struct LatePacketDetector {
    private var beginnings: [Int: (kind: AVMediaType, position: Int64)] = [:]
    /// Streams whose last packet was one: not every packet says where it lies.
    private var late: [Int: Int] = [:]

    /// The stream, of those of the same kind that `isOf` names, that the packet should have come before; nil where it is in time.
    mutating func successor(of packet: Packet, kind: AVMediaType, isOf: (Int) -> Bool = { _ in true }) -> Int? {
        let (index, position) = (packet.streamIndex, packet.pointer.pointee.pos)
        if beginnings[index] == nil { beginnings[index] = (kind, position) }
        guard position >= 0 else { return late[index] }
        late[index] = beginnings.first { $0.key != index && $0.value.kind == kind && $0.value.position > position && isOf($0.key) }?.key
        return late[index]
    }
}
