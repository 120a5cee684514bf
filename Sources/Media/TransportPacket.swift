/// One packet of a transport stream, as its tables need it (ISO/IEC 13818-1, 2.4.3 and 2.4.4).
struct TransportPacket {
    /// The content of a PID: its stream type, and for private ones the descriptor that identifies them.
    struct Kind: Hashable {
        var type: UInt8
        var marks: [UInt8] = []
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func pid(_ high: UInt8, _ low: UInt8) -> Int { Int(high & 0x1F) << 8 | Int(low) }

    /// A table's section, if the packet contains all of it; without its checksum.
    private func section(_ id: UInt8) -> Range<Int>? {
        guard bytes.count >= 188, bytes[1] & 0x40 != 0, bytes[3] & 0x10 != 0 else { return nil }
        var place = 4
        if bytes[3] & 0x20 != 0 { place += 1 + Int(bytes[4]) }
        guard place < 188 else { return nil }
        place += 1 + Int(bytes[place])
        guard place + 3 <= 188, bytes[place] == id else { return nil }
        let end = place + 3 + number(at: place + 1, bits: 12)
        guard end <= 188, end - 4 > place + 8 else { return nil }
        return place..<end - 4
    }

    private func number(at place: Int, bits: Int) -> Int { (Int(bytes[place]) << 8 | Int(bytes[place + 1])) & (1 << bits - 1) }

    /// The PIDs of the program tables.
    var programs: [Int] {
        guard let section = section(0) else { return [] }
        return stride(from: section.lowerBound + 8, to: section.upperBound - 3, by: 4).compactMap { place in
            number(at: place, bits: 16) == 0 ? nil : number(at: place + 2, bits: 13)
        }
    }

    /// The streams of a program.
    var streams: [(pid: Int, kind: Kind)] { places.map { (number(at: $0.entry + 1, bits: 13), kind(at: $0.entry, $0.end)) } }

    private var places: [(entry: Int, end: Int)] {
        guard let section = section(2), section.count >= 12 else { return [] }
        var places: [(Int, Int)] = []
        var place = section.lowerBound + 12 + number(at: section.lowerBound + 10, bits: 12)
        while place + 5 <= section.upperBound {
            let end = place + 5 + number(at: place + 3, bits: 12)
            guard end <= section.upperBound else { break }
            places.append((place, end))
            place = end
        }
        return places
    }

    private func kind(at entry: Int, _ end: Int) -> Kind {
        // MPEG-1 and MPEG-2 share one decoder.
        let type: UInt8 = switch bytes[entry] {
        case 0x01: 0x02
        case 0x03: 0x04
        default: bytes[entry]
        }
        guard type == 0x06 else { return Kind(type: type) }
        // The descriptors that identify a codec: registration, teletext, subtitles, AC-3, E-AC-3, DTS, AAC.
        var marks: [UInt8] = []
        var place = entry + 5
        while place + 2 <= end {
            let length = Int(bytes[place + 1])
            if [0x56, 0x59, 0x6A, 0x7A, 0x7B, 0x7C].contains(bytes[place]) { marks.append(bytes[place]) }
            if bytes[place] == 0x05, place + 6 <= end { marks += bytes[place + 2..<place + 6] }
            place += 2 + length
        }
        return Kind(type: type, marks: marks)
    }

    /// The packet with other PIDs in its program table, and with a new checksum.
    func renaming(_ pids: [Int: Int]) -> [UInt8] {
        guard let section = section(2), section.count >= 12 else { return bytes }
        var changed = bytes
        for place in [section.lowerBound + 8] + places.map({ $0.entry + 1 }) {
            guard let name = pids[number(at: place, bits: 13)] else { continue }
            changed[place] = changed[place] & 0xE0 | UInt8(name >> 8 & 0x1F)
            changed[place + 1] = UInt8(name & 0xFF)
        }
        let checksum = Self.checksum(changed[section])
        for index in 0..<4 { changed[section.upperBound + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
        return changed
    }

    /// CRC-32 of ISO/IEC 13818-1, annex A.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0xFFFF_FFFF) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte) << 24) { value, _ in value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        }
    }
}
