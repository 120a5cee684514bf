import Foundation

/// A Matroska film made as for AVI's players: its blocks tell when their pictures are decoded.
struct MatroskaFile {
    var code: String
    var width = 192
    var height = 64
    var rate = MarkedFilm.rate
    /// In the order in which they are stored.
    var pictures: [[UInt8]]
    /// 16 bit, mono.
    var samples: [UInt8]
    var soundRate = 48_000

    var bytes: [UInt8] {
        let head = element([0x1A, 0x45, 0xDF, 0xA3], element([0x42, 0x82], Array("matroska".utf8)) + number([0x42, 0x87], 4) + number([0x42, 0x85], 2))
        let info = element([0x15, 0x49, 0xA9, 0x66], number([0x2A, 0xD7, 0xB1], 1_000_000))
        let bitmap = little([40, width, height, 1 | 24 << 16]) + Array(code.utf8) + little([0, 0, 0, 0, 0])
        let size = element([0xE0], number([0xB0], width) + number([0xBA], height))
        let picture = track(1, kind: 1, "V_MS/VFW/FOURCC", number([0x23, 0xE3, 0x83], 1_000_000_000 / rate) + element([0x63, 0xA2], bitmap) + size)
        let frequency = element([0xB5], withUnsafeBytes(of: Double(soundRate).bitPattern.bigEndian, Array.init))
        let sound = track(2, kind: 2, "A_PCM/INT/LIT", element([0xE1], frequency + number([0x9F], 1) + number([0x62, 0x64], 16)))
        let share = soundRate / rate * 2
        let clusters = stride(from: 0, to: pictures.count, by: rate).flatMap { first -> [UInt8] in
            let blocks = (first..<min(first + rate, pictures.count)).flatMap { place in
                let time = (place - first) * 1000 / rate
                return block(1, time, isKey: place == 0, pictures[place])
                    + block(2, time, isKey: true, Array(samples.dropFirst(place * share).prefix(share)))
            }
            return element([0x1F, 0x43, 0xB6, 0x75], number([0xE7], first * 1000 / rate) + blocks)
        }
        return head + element([0x18, 0x53, 0x80, 0x67], info + element([0x16, 0x54, 0xAE, 0x6B], picture + sound) + clusters)
    }

    private func track(_ index: Int, kind: Int, _ codec: String, _ rest: [UInt8]) -> [UInt8] {
        element([0xAE], number([0xD7], index) + number([0x73, 0xC5], index) + element([0x83], [UInt8(kind)]) + element([0x86], Array(codec.utf8)) + rest)
    }

    private func block(_ track: UInt8, _ time: Int, isKey: Bool, _ content: [UInt8]) -> [UInt8] {
        element([0xA3], [0x80 | track, UInt8(time >> 8), UInt8(time & 255), isKey ? 0x80 : 0] + content)
    }

    private func number(_ id: [UInt8], _ value: Int) -> [UInt8] { element(id, (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }) }
    private func element(_ id: [UInt8], _ content: [UInt8]) -> [UInt8] {
        id + [0x01] + (0..<7).map { UInt8(truncatingIfNeeded: content.count >> (48 - 8 * $0)) } + content
    }
    private func little(_ numbers: [Int]) -> [UInt8] { numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } } }
}
