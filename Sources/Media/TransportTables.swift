/// Gives each stream of a transport stream its own PID, if a later part uses the PID of an earlier stream for another
/// kind: FFmpeg keeps the first kind of a PID, and would lose the later stream (ISO/IEC 13818-1, 2.4.4).
struct TransportTables {
    /// From a file offset on: packets are `stride` apart from `place`, and PIDs are replaced.
    private struct Segment {
        var place: Int64
        var pids: [Int: Int] = [:]
    }

    private let stride: Int64
    private let tables: Set<Int>
    private let segments: [Segment]

    /// Reads the whole file once.
    /// - Returns: nil if each PID has one kind, and for all other files.
    init?(_ stream: ByteStream, tick: () throws -> Void = {}) rethrows {
        guard let grid = TransportGrid(stream) else { return nil }
        var scan = TransportScan()
        try grid.forEachPacket(of: stream, tick: tick) { scan.take($0, at: $1, startsRun: $2) }
        let names = scan.names
        guard names.contains(where: { $0.key.pid != $0.value }) else { return nil }
        stride = grid.stride
        tables = scan.tables
        segments = scan.parts.map { part in
            var pids: [Int: Int] = [:]
            for (pid, kind) in part.kinds {
                guard let name = names[TransportScan.Use(pid: pid, kind: kind)], name != pid else { continue }
                pids[pid] = name
            }
            return Segment(place: part.place, pids: pids)
        }
    }

    /// Replaces the PIDs in bytes read from the file.
    /// - Parameter whole: reads the packet at an offset, for tables whose checksum covers all of it.
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
                rewritePacket(at: place, segment.pids, buffer, position, whole)
                place += stride
            }
        }
    }

    private func rewritePacket(
        at place: Int64, _ pids: [Int: Int], _ buffer: UnsafeMutableBufferPointer<UInt8>, _ position: Int64, _ whole: (Int64) -> [UInt8]
    ) {
        let offset = Int(place - position)
        let isInside = offset >= 0 && offset + 3 <= buffer.count
        let packet = isInside && !tables.contains(TransportPacket.pid(buffer[offset + 1], buffer[offset + 2])) ? nil : whole(place)
        guard let pid = packet.map({ $0.count >= 3 ? TransportPacket.pid($0[1], $0[2]) : -1 })
            ?? (isInside ? TransportPacket.pid(buffer[offset + 1], buffer[offset + 2]) : nil)
        else { return }
        var changes: [(Int, UInt8)] = []
        if let name = pids[pid] {
            let high = packet?[1] ?? buffer[offset + 1]
            changes = [(1, high & 0xE0 | UInt8(name >> 8 & 0x1F)), (2, UInt8(name & 0xFF))]
        } else if tables.contains(pid), let packet {
            let changed = TransportPacket(packet).renaming(pids)
            changes = changed.indices.filter { $0 < packet.count && changed[$0] != packet[$0] }.map { ($0, changed[$0]) }
        }
        for (place, byte) in changes where buffer.indices.contains(offset + place) { buffer[offset + place] = byte }
    }
}

/// The program tables in the course of a file.
private struct TransportScan {
    struct Use: Hashable {
        var pid: Int
        var kind: TransportPacket.Kind
    }
    struct Part {
        var place: Int64
        var kinds: [Int: TransportPacket.Kind]
    }

    private(set) var tables: Set<Int> = []
    private(set) var parts: [Part] = []
    private var uses: [Use] = []
    private var seen = Set<Int>()
    /// A file may use any PIDs, but no more than this are ever replaced.
    private static let mostUses = 1000
    /// Beyond these, the PIDs stay as they are.
    private static let mostParts = 10_000

    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int64, startsRun: Bool) {
        let pid = TransportPacket.pid(bytes[1], bytes[2])
        seen.insert(pid)
        guard parts.count < Self.mostParts else { return }
        if startsRun { parts.append(Part(place: place, kinds: parts.last?.kinds ?? [:])) }
        guard pid == 0 || tables.contains(pid), bytes[1] & 0x40 != 0 else { return }
        let packet = TransportPacket(Array(bytes))
        if pid == 0 { return tables.formUnion(packet.programs) }
        var kinds = parts.last?.kinds ?? [:]
        for (pid, kind) in packet.streams {
            kinds[pid] = kind
            let use = Use(pid: pid, kind: kind)
            if uses.count < Self.mostUses, !uses.contains(use) { uses.append(use) }
        }
        if kinds != parts.last?.kinds { parts.append(Part(place: place, kinds: kinds)) }
    }

    /// The PID of each use: the original for the first, an unused one for the others.
    var names: [Use: Int] {
        var names: [Use: Int] = [:]
        var free = (0x20...0x1FFE).reversed().filter { !seen.contains($0) }[...]
        var taken = Set<Int>()
        for use in uses {
            if taken.insert(use.pid).inserted {
                names[use] = use.pid
            } else if let name = free.popFirst() {
                names[use] = name
            }
        }
        return names
    }
}
