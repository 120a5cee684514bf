/// Gives each stream of a transport stream its own PID, if a later part uses the PID of an earlier stream for another codec.
/// By its version, FFmpeg keeps the first codec of a PID, or changes the running stream: one of the two would be lost.
struct TransportTables {
    /// From a file offset on: packets are `stride` apart from `place`, and PIDs are replaced.
    private struct Segment {
        var place: Int64
        var pids: [Int: Int]
    }

    private let stride: Int64
    private let tables: Set<Int>
    private let segments: [Segment]

    /// For a file that is not read.
    init() { self.init(stride: 188, tables: [], segments: []) }

    private init(stride: Int64, tables: Set<Int>, segments: [Segment]) {
        (self.stride, self.tables, self.segments) = (stride, tables, segments)
    }

    /// Reads the whole file once, if it is a transport stream.
    init(_ stream: ByteStream, tick: () throws -> Void = {}) rethrows {
        guard let grid = TransportPacketOffsets(stream) else {
            self.init()
            return
        }
        var scan = TransportScan()
        try grid.forEachPacket(of: stream, tick: tick) { scan.take($0, at: $1, startsRun: $2) }
        let names = scan.names
        var segments: [Segment] = []
        for step in names.isEmpty ? [] : scan.steps {
            var pids = segments.last?.pids ?? [:]
            if let use = step.use { pids[use.pid] = names[use] }
            // Bytes between two runs are no packets, and are left alone for their lack of a sync byte.
            if step.use == nil || pids != segments.last?.pids { segments.append(Segment(place: step.place, pids: pids)) }
        }
        self.init(stride: grid.stride, tables: scan.tables, segments: segments)
    }

    /// False if each PID has one codec, and for all other files.
    var isNeeded: Bool { !segments.isEmpty }

    /// Replaces the PIDs in bytes read from the file.
    /// - Parameter whole: reads the packet at an offset, if it is not whole in the buffer.
    func rewrite(_ buffer: UnsafeMutableBufferPointer<UInt8>, at position: Int64, whole: (Int64) -> [UInt8]) {
        let end = position + Int64(buffer.count)
        var index = segments.lastIndex { $0.place <= position } ?? 0
        while index < segments.count, segments[index].place < end {
            let segment = segments[index]
            let next = index + 1 < segments.count ? segments[index + 1].place : Int64.max
            index += 1
            guard !segment.pids.isEmpty else { continue }
            var place = segment.place + max(0, position - segment.place) / stride * stride
            while place < min(end, next) {
                rewritePacket(at: place, segment.pids, buffer, Int(place - position), whole)
                place += stride
            }
        }
    }

    private func rewritePacket(
        at place: Int64, _ pids: [Int: Int], _ buffer: UnsafeMutableBufferPointer<UInt8>, _ offset: Int, _ whole: (Int64) -> [UInt8]
    ) {
        let isInside = offset >= 0 && offset + TransportPacket.size <= buffer.count
        let packet = TransportPacket(isInside ? Array(buffer[offset..<offset + TransportPacket.size]) : whole(place))
        guard packet.isWhole else { return }
        let changed: [UInt8]
        if let name = pids[packet.pid] {
            changed = packet.renamed(name)
        } else if tables.contains(packet.pid), packet.startsSection {
            changed = packet.renamingStreams(pids)
        } else {
            return
        }
        for (index, byte) in changed.enumerated() where buffer.indices.contains(offset + index) { buffer[offset + index] = byte }
    }
}

/// What the tables say from the beginning of a file to its end.
private struct TransportScan {
    struct Use: Hashable {
        var pid: Int
        /// nil: nothing is known of it any more, and it keeps its PID.
        var codec: TransportPacket.Codec?
    }
    /// From here on a PID has another codec, or, without one, packets are in line with this place.
    struct Step {
        var place: Int64
        var use: Use?
    }

    private(set) var tables: Set<Int> = []
    private(set) var steps: [Step] = []
    /// By the PID of the table and the number of the program: several may share a PID.
    private var programs: [[Int]: [Int: TransportPacket.Codec]] = [:]
    private var current: [Int: TransportPacket.Codec] = [:]
    private var uses: [Use] = []
    private var seen: Set<Int> = []
    private var isHopeless = false

    /// No recording has more. A file that does is read as it is.
    private static let most = 2000

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int64, startsRun: Bool) {
        guard !isHopeless else { return }
        let pid = TransportPacket.pid(bytes[1], bytes[2])
        seen.insert(pid)
        if startsRun { steps.append(Step(place: place)) }
        if pid == 0 || tables.contains(pid), bytes[1] & 0x40 != 0 { read(TransportPacket(Array(bytes)), at: place) }
        isHopeless = steps.count > Self.most || uses.count > Self.most || programs.count > Self.most
    }

    private mutating func read(_ packet: TransportPacket, at place: Int64) {
        if packet.pid == 0 {
            guard let list = packet.programList else { return }
            let named = list.programs.map(\.pid).filter(TransportPacket.streamPIDs.contains)
            tables.formUnion(named)
            // A program that is no longer listed has ended, and contradicts nobody.
            if list.isWhole { programs = programs.filter { key, _ in list.programs.contains { [$0.pid, $0.number] == key } } }
            // What was a stream's before is a table's now.
            for pid in named where current[pid] != nil { set(pid, nil, at: place) }
        } else if let program = packet.program {
            let key = [packet.pid, program.number]
            let before = programs.updateValue(program.streams, forKey: key)
            guard before != program.streams else { return }
            for (pid, codec) in program.streams where current[pid] != codec && !tables.contains(pid) {
                // Two programs that differ about a PID: nobody knows who is right.
                if programs.contains(where: { $0.key != key && $0.value[pid] != nil && $0.value[pid] != codec }) {
                    isHopeless = true
                    return
                }
                set(pid, codec, at: place)
            }
        } else if packet.isLongTable {
            // A table of several packets is not read: its streams keep their PIDs.
            for pid in programs.filter({ $0.key[0] == packet.pid }).values.flatMap(\.keys) where current[pid] != nil { set(pid, nil, at: place) }
            programs = programs.filter { $0.key[0] != packet.pid }
        }
    }

    private mutating func set(_ pid: Int, _ codec: TransportPacket.Codec?, at place: Int64) {
        current[pid] = codec
        let use = Use(pid: pid, codec: codec)
        steps.append(Step(place: place, use: use))
        if codec != nil, !uses.contains(use) { uses.append(use) }
    }

    /// The PIDs of the uses that cannot keep their own.
    var names: [Use: Int] {
        guard !isHopeless else { return [:] }
        var names: [Use: Int] = [:]
        let taken = seen.union(tables).union(uses.map(\.pid))
        var free = TransportPacket.streamPIDs.reversed().filter { !taken.contains($0) }[...]
        var first: Set<Int> = []
        for use in uses where !first.insert(use.pid).inserted { names[use] = free.popFirst() }
        return names
    }
}
