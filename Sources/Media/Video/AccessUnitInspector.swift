internal import CFFmpeg

/// Inspects the packets of a copied H.264 stream (ITU-T H.264, 7.3.1 and 7.4.1: NAL units): whether each is
/// complete, uses the parameter sets of the header — MP4 has one set for the whole stream — and contains no private data.
struct AccessUnitInspector {
    enum Finding: Equatable {
        case fine
        /// Why the packet cannot be copied.
        case objection(String)
        /// It contains user data: cameras write location, device and owner there.
        case note
    }

    private static let sequenceParameters: UInt8 = 7
    private static let pictureParameters: UInt8 = 8
    private static let supplement: UInt8 = 6
    /// SEI user data starts with a UUID; this one is x264's, with its settings.
    private static let x264: [UInt8] = [
        0xDC, 0x45, 0xE9, 0xBD, 0xE6, 0xD9, 0x48, 0xB7, 0x96, 0x2C, 0xD8, 0x20, 0xD9, 0x23, 0xEE, 0xEF,
    ]

    private let header: [UInt8]
    private let known: Set<[UInt8]>
    /// Bytes of the length field before each unit (ISO/IEC 14496-15); nil with start codes.
    private let lengthSize: Int?

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let parameters = stream.pointee.codecpar.pointee
        header = parameters.header
        if header.count >= 7, header[0] == 1 {
            lengthSize = Int(header[4] & 3) + 1
            known = Set(Self.unitsOfConfiguration(header))
        } else {
            lengthSize = nil
            known = Set(Self.unitsBetweenStartCodes(header).filter(Self.isParameterSet).map { Array($0) })
        }
    }

    func inspect(_ packet: Packet) -> Finding {
        if packet.changesParameters(of: header) {
            return .objection("its parameters change midway")
        }
        let bytes = [UInt8](UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size))
        guard let units = lengthSize.map({ unitsByLength(bytes, $0) }) ?? Self.unitsBetweenStartCodes(bytes) else {
            return .objection("a packet is damaged")
        }
        var finding = Finding.fine
        for unit in units {
            if Self.isParameterSet(unit), !known.contains(Array(unit)) {
                return .objection("its parameters change midway")
            }
            if Self.isNote(unit) { finding = .note }
        }
        return finding
    }

    /// Whether all slices of a packet marked as keyframe are independent of other frames (7.4.2.4 and
    /// table 7-6): an IDR picture, or only I slices. True if this cannot be determined.
    func isWholeByItself(_ packet: Packet) -> Bool {
        let bytes = [UInt8](UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size))
        guard let units = lengthSize.map({ unitsByLength(bytes, $0) }) ?? Self.unitsBetweenStartCodes(bytes) else { return true }
        return units.allSatisfy { unit in
            guard let first = unit.first, first & 0x1F == 1 else { return true }
            var bits = BitReader(unit.dropFirst().prefix(8))
            // The slice's first macroblock, then its type: 2, 4, 7 and 9 are I and SI.
            guard bits.exponentialGolomb() != nil, let type = bits.exponentialGolomb() else { return true }
            return [2, 4, 7, 9].contains(type)
        }
    }

    /// Whether it is an IDR picture.
    func beginsSequence(_ packet: Packet) -> Bool {
        let bytes = [UInt8](UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size))
        let units = lengthSize.map { unitsByLength(bytes, $0) } ?? Self.unitsBetweenStartCodes(bytes)
        return units?.contains { $0.first.map { $0 & 0x1F == 5 } ?? false } ?? false
    }

    private static func isParameterSet(_ unit: ArraySlice<UInt8>) -> Bool {
        unit.first.map { [sequenceParameters, pictureParameters].contains($0 & 0x1F) } ?? false
    }

    /// A message of type 5 (unregistered user data) or 4 (registered); the type and the length come first.
    private static func isNote(_ unit: ArraySlice<UInt8>) -> Bool {
        guard let first = unit.first, first & 0x1F == supplement else { return false }
        var rest = unit.dropFirst()
        while rest.count > 2 {
            guard let type = number(&rest), let length = number(&rest), length <= rest.count else { return false }
            let body = rest.prefix(length)
            if type == 4 || (type == 5 && !body.starts(with: x264)) { return true }
            rest = rest.dropFirst(length)
        }
        return false
    }

    /// SEI numbers: bytes of 255, and a remainder.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var sum = 0
        while let byte = bytes.popFirst() {
            sum += Int(byte)
            if byte != 0xFF { return sum }
        }
        return nil
    }

    /// Nil if a length does not fit.
    private func unitsByLength(_ bytes: [UInt8], _ lengthSize: Int) -> [ArraySlice<UInt8>]? {
        var units: [ArraySlice<UInt8>] = []
        var position = 0
        while position < bytes.count {
            guard position + lengthSize < bytes.count else { return nil }
            let length = bytes[position..<position + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            position += lengthSize
            guard length > 0, length <= bytes.count - position else { return nil }
            units.append(bytes[position..<position + length])
            position += length
        }
        return units
    }

    /// avcC: a count, then lengths and units, first of the sequence, then of the picture parameter sets.
    private static func unitsOfConfiguration(_ header: [UInt8]) -> [[UInt8]] {
        var units: [[UInt8]] = []
        var position = 5
        for mask in [UInt8(0x1F), 0xFF] {
            guard position < header.count else { return units }
            let count = header[position] & mask
            position += 1
            for _ in 0..<count {
                guard position + 2 <= header.count else { return units }
                let length = Int(header[position]) << 8 | Int(header[position + 1])
                position += 2
                guard position + length <= header.count else { return units }
                units.append(Array(header[position..<position + length]))
                position += length
            }
        }
        return units
    }

    /// Annex B: units follow 00 00 01.
    private static func unitsBetweenStartCodes(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var starts: [Int] = []
        var index = 0
        while index + 2 < bytes.count {
            if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                starts.append(index + 3)
                index += 3
            } else {
                index += 1
            }
        }
        return starts.indices.map { number in
            let end = number + 1 < starts.count ? starts[number + 1] - 3 : bytes.count
            var unit = bytes[starts[number]..<end]
            while unit.last == 0 { unit.removeLast() }
            return unit
        }
    }
}
