internal import CFFmpeg

/// The parameter sets of an H.264 stream (ITU-T H.264, 7.3.1: NAL units of type 7 and 8) as its header gives them. A
/// stream that changes them on the way cannot be copied: MP4 holds one set for all of it.
struct ParameterSets {
    private let known: Set<[UInt8]>
    /// Bytes of the length in front of each unit (ISO/IEC 14496-15); nil where start codes separate them.
    private let lengthSize: Int?

    init(_ stream: UnsafeMutablePointer<AVStream>) {
        let parameters = stream.pointee.codecpar.pointee
        let header = [UInt8](UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
        if header.count >= 7, header[0] == 1 {
            lengthSize = Int(header[4] & 3) + 1
            known = Set(Self.unitsOfConfiguration(header))
        } else {
            lengthSize = nil
            known = Set(Self.unitsBetweenStartCodes(header[...]).filter(Self.isParameterSet).map { Array($0) })
        }
    }

    /// Why the packet cannot be taken over, or nil.
    func objection(to packet: Packet) -> String? {
        if av_packet_get_side_data(packet.pointer, AV_PKT_DATA_NEW_EXTRADATA, nil) != nil {
            return "its parameters change on the way"
        }
        let bytes = UnsafeBufferPointer(start: packet.pointer.pointee.data, count: packet.size)
        guard let lengthSize else {
            let changed = Self.unitsBetweenStartCodes([UInt8](bytes)[...]).contains {
                Self.isParameterSet($0) && !known.contains(Array($0))
            }
            return changed ? "its parameters change on the way" : nil
        }
        var position = 0
        while position < bytes.count {
            guard position + lengthSize < bytes.count else { return "a packet is damaged" }
            let length = bytes[position..<position + lengthSize].reduce(0) { $0 << 8 | Int($1) }
            position += lengthSize
            guard length > 0, length <= bytes.count - position else { return "a packet is damaged" }
            let unit = bytes[position..<position + length]
            if Self.isParameterSet(unit), !known.contains(Array(unit)) { return "its parameters change on the way" }
            position += length
        }
        return nil
    }

    private static func isParameterSet(_ unit: some Collection<UInt8>) -> Bool {
        unit.first.map { $0 & 0x1F == 7 || $0 & 0x1F == 8 } ?? false
    }

    /// avcC: a count and then lengths and units, first of the sequence, then of the picture parameter sets.
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
    private static func unitsBetweenStartCodes(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var starts: [Int] = []
        var index = bytes.startIndex
        while index + 2 < bytes.endIndex {
            if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                starts.append(index + 3)
                index += 3
            } else {
                index += 1
            }
        }
        return starts.indices.map { number in
            let end = number + 1 < starts.count ? starts[number + 1] - 3 : bytes.endIndex
            var unit = bytes[starts[number]..<end]
            while unit.last == 0 { unit.removeLast() }
            return unit
        }
    }
}
