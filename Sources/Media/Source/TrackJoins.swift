internal import CFFmpeg

/// Streams of a transport or program stream that continue others.
struct TrackJoins {
    /// For each stream that continues another: that one.
    var heads: [Int: Int] = [:]
    /// The last packets before a seam. A packet ends where the next one starts, so that FFmpeg returns the last one of a
    /// finished stream at the end of the file, long after its time.
    var stragglers: [Packet] = []

    /// File offset up to which all streams have started, if FFmpeg would not read that far; 0 otherwise.
    var reach: Int64 = 0
    /// What the program tables of the file say; nil until they have been read.
    var tables: TransportTables?

    /// What every opening of the same file needs, without the joins.
    var opening: TrackJoins { TrackJoins(reach: reach, tables: tables) }

    func head(of index: Int) -> Int { heads[index] ?? index }
    func isJoined(_ index: Int) -> Bool { heads[index] != nil || heads.values.contains(index) }
}

/// Detects late packets: those stored before the start of a stream that has started already.
struct LatePacketDetector {
    private var beginnings: [Int: (kind: AVMediaType, position: Int64)] = [:]
    /// Streams whose last packet was late: not every packet has a file position.
    private var late: [Int: Int] = [:]

    /// The stream, among those of the same kind in `isOf`, that the packet should have preceded; nil if it is in time.
    mutating func successor(of packet: Packet, kind: AVMediaType, isOf: (Int) -> Bool = { _ in true }) -> Int? {
        let (index, position) = (packet.streamIndex, packet.pointer.pointee.pos)
        if beginnings[index] == nil { beginnings[index] = (kind, position) }
        guard position >= 0 else { return late[index] }
        late[index] = beginnings.first { $0.key != index && $0.value.kind == kind && $0.value.position > position && isOf($0.key) }?.key
        return late[index]
    }
}
