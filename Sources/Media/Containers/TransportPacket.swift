/// One packet of a transport stream, as far as its tables need it (ISO/IEC 13818-1, 2.4.3 and 2.4.4).
struct TransportPacket {
    static let size = 188
    /// Lower and higher ones are reserved.
    static let streamPIDs = 0x10...0x1FFE

    /// As the tables name it, whichever of several ways they use.
    enum Codec: Hashable {
        case type(UInt8)
        case ac3, eac3, dts, hevc
    }

    struct Program {
        var number: Int
        /// Without sections and metadata.
        var streams: [Int: Codec] = [:]
    }

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func pid(_ high: UInt8, _ low: UInt8) -> Int { Int(high & 0x1F) << 8 | Int(low) }

    /// With its sync byte, and without an error that was noticed on the way.
    var isWhole: Bool { bytes.count == Self.size && bytes[0] == 0x47 && bytes[1] & 0x80 == 0 }
    var pid: Int { Self.pid(bytes[1], bytes[2]) }
    var startsSection: Bool { bytes[1] & 0x40 != 0 }

    /// Where a section begins and ends, without its checksum; the end may be beyond the packet.
    private func extent(_ id: UInt8) -> Range<Int>? {
        guard isWhole, startsSection, bytes[3] & 0x10 != 0 else { return nil }
        var place = 4
        if bytes[3] & 0x20 != 0 { place += 1 + Int(bytes[4]) }
        guard place < Self.size else { return nil }
        place += 1 + Int(bytes[place])
        guard place + 3 <= Self.size, bytes[place] == id else { return nil }
        let length = number(at: place + 1, bits: 12)
        return length >= 13 || id == 0 && length >= 9 ? place..<place + 3 + length - 4 : nil
    }

    /// A section that is whole in this packet, undamaged, and valid now rather than next.
    private func section(_ id: UInt8) -> Range<Int>? {
        guard let section = extent(id), section.upperBound + 4 <= Self.size, bytes[section.lowerBound + 5] & 1 != 0,
            Self.checksum(bytes[section.lowerBound..<section.upperBound + 4]) == 0
        else { return nil }
        return section
    }

    /// A table of a program that goes on in other packets.
    var isLongTable: Bool { extent(2).map { $0.upperBound + 4 > Self.size } ?? false }

    private func number(at place: Int, bits: Int) -> Int { (Int(bytes[place]) << 8 | Int(bytes[place + 1])) & (1 << bits - 1) }

    /// The list of programs.
    struct ProgramList {
        /// The number of each, and the PID of its table.
        var programs: [(number: Int, pid: Int)] = []
        /// Whether it goes on in no other section.
        var isWhole: Bool
    }

    /// nil if this is no list of programs, or one that cannot be read.
    var programList: ProgramList? {
        guard let section = section(0) else { return nil }
        var list = ProgramList(isWhole: bytes[section.lowerBound + 6] == 0 && bytes[section.lowerBound + 7] == 0)
        for place in stride(from: section.lowerBound + 8, to: section.upperBound - 3, by: 4) where number(at: place, bits: 16) != 0 {
            list.programs.append((number(at: place, bits: 16), number(at: place + 2, bits: 13)))
        }
        return list
    }

    /// nil if this is no table of a program, or one that cannot be read.
    var program: Program? {
        guard let section = section(2) else { return nil }
        var program = Program(number: number(at: section.lowerBound + 3, bits: 16))
        for (entry, end) in entries(section) {
            let pid = number(at: entry + 1, bits: 13)
            if Self.streamPIDs.contains(pid), let codec = codec(at: entry, end) { program.streams[pid] = codec }
        }
        return program
    }

    private func entries(_ section: Range<Int>) -> [(Int, Int)] {
        var entries: [(Int, Int)] = []
        var place = section.lowerBound + 12 + number(at: section.lowerBound + 10, bits: 12)
        while place + 5 <= section.upperBound {
            let end = place + 5 + number(at: place + 3, bits: 12)
            guard end <= section.upperBound else { break }
            entries.append((place, end))
            place = end
        }
        return entries
    }

    /// The same codec may be named by its type, by a descriptor or by a registration (ETSI EN 300 468, ATSC A/53).
    private func codec(at entry: Int, _ end: Int) -> Codec? {
        switch bytes[entry] {
        // MPEG-1 and MPEG-2 have one decoder each.
        case 0x01, 0x02: return .type(0x02)
        case 0x03, 0x04: return .type(0x04)
        case 0x24: return .hevc
        case 0x81: return .ac3
        case 0x84, 0x87: return .eac3
        case 0x82, 0x85, 0x8A: return .dts
        case 0x06: break
        // Sections, metadata and the like are no streams of this kind.
        case 0x05, 0x08...0x0E, 0x12...0x1A, 0x86, 0x90...: return bytes[entry] == 0xEA || bytes[entry] == 0xD1 ? .type(bytes[entry]) : nil
        default: return .type(bytes[entry])
        }
        var place = entry + 5
        while place + 2 <= end {
            let length = Int(bytes[place + 1])
            switch bytes[place] {
            case 0x6A: return .ac3
            case 0x7A: return .eac3
            case 0x7B: return .dts
            case 0x05 where length >= 4 && place + 6 <= end:
                switch String(decoding: bytes[place + 2..<place + 6], as: UTF8.self) {
                case "AC-3": return .ac3
                case "EAC3": return .eac3
                case "DTS1", "DTS2", "DTS3": return .dts
                case "HEVC": return .hevc
                default: break
                }
            default: break
            }
            place += 2 + length
        }
        // Subtitles, teletext and the like: a stream of its own, whatever had the PID before.
        return .type(0x06)
    }

    func renamed(_ pid: Int) -> [UInt8] {
        var changed = bytes
        put(pid, into: &changed, at: 1)
        return changed
    }

    /// With other PIDs in a program's table, and its checksum; as it is if none changes.
    func renamingStreams(_ pids: [Int: Int]) -> [UInt8] {
        guard let section = section(2) else { return bytes }
        var changed = bytes
        // The first is that of the clock.
        for place in [section.lowerBound + 8] + entries(section).map({ $0.0 + 1 }) {
            if let name = pids[number(at: place, bits: 13)] { put(name, into: &changed, at: place) }
        }
        guard changed != bytes else { return bytes }
        let checksum = Self.checksum(changed[section])
        for index in 0..<4 { changed[section.upperBound + index] = UInt8(truncatingIfNeeded: checksum >> (24 - 8 * index)) }
        return changed
    }

    private func put(_ pid: Int, into bytes: inout [UInt8], at place: Int) {
        bytes[place] = bytes[place] & 0xE0 | UInt8(pid >> 8 & 0x1F)
        bytes[place + 1] = UInt8(pid & 0xFF)
    }

    /// CRC-32 of ISO/IEC 13818-1, annex A: 0 over a section with its checksum.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0xFFFF_FFFF) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte) << 24) { value, _ in value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        }
    }
}
