import Foundation

/// An AVI of one picture and one sound track (16 bit, mono), its chunks as they are given.
struct AVIFile {
    var code: String
    var width = 192
    var height = 64
    var rate = MarkedFilm.rate
    /// One chunk for each picture's time; an empty one is a picture that is held.
    var pictures: [[UInt8]]
    var samples: [UInt8]
    var soundRate = 48_000

    var bytes: [UInt8] {
        let count = pictures.count
        let video = Array("vids\(code)".utf8) + words([0, 0, 0, 1, rate, 0, count, 0, -1, 0, 0, 0])
        let bitmap = words([40, width, height]) + halves([1, 24]) + Array(code.utf8) + words([width * height * 3, 0, 0, 0, 0])
        let audio = Array("auds".utf8) + words([0, 0, 0, 0, 2, soundRate * 2, 0, samples.count / 2, 0, -1, 2, 0, 0])
        let wave = halves([1, 1]) + words([soundRate, soundRate * 2]) + halves([2, 16])
        let head = words([1_000_000 / rate, 0, 0, 0x110, count, 0, 2, 0, width, height, 0, 0, 0, 0])
        let header = chunk("avih", head) + list("strl", chunk("strh", video) + chunk("strf", bitmap))
            + list("strl", chunk("strh", audio) + chunk("strf", wave))
        var (data, index): ([UInt8], [UInt8]) = ([], [])
        func add(_ name: String, _ content: [UInt8], isKey: Bool) {
            index += Array(name.utf8) + words([isKey ? 0x10 : 0, 4 + data.count, content.count])
            data += chunk(name, content)
        }
        let share = soundRate / rate * 2
        for (number, picture) in pictures.enumerated() {
            add("00dc", picture, isKey: number == 0)
            add("01wb", Array(samples.dropFirst(number * share).prefix(share)), isKey: true)
        }
        let body = list("hdrl", header) + list("movi", data) + chunk("idx1", index)
        return Array("RIFF".utf8) + words([body.count + 4]) + Array("AVI ".utf8) + body
    }

    private func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        Array(name.utf8) + words([content.count]) + content + (content.count % 2 == 1 ? [0] : [])
    }

    private func list(_ name: String, _ content: [UInt8]) -> [UInt8] { chunk("LIST", Array(name.utf8) + content) }
    private func words(_ numbers: [Int]) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
    private func halves(_ numbers: [Int]) -> [UInt8] {
        numbers.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}

/// The pictures (VOPs) of a raw MPEG-4 stream, each with the headers before it, as they are stored.
struct MPEG4Pictures {
    var all: [[UInt8]] = []

    /// A picture that was not coded: the second half of a pair that shared a chunk stands here.
    static let notCoded: [UInt8] = [0, 0, 1, 0xB6, 0x51, 0x80, 0x7F]

    init(_ bytes: [UInt8]) {
        let codes = bytes.indices.dropLast(4).filter { bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 }
        var (start, hasPicture) = (0, false)
        for code in codes {
            if hasPicture {
                all.append(Array(bytes[start..<code]))
                (start, hasPicture) = (code, false)
            }
            if bytes[code + 3] == 0xB6 { hasPicture = true }
        }
        all.append(Array(bytes[start...]))
    }

    static func isB(_ picture: [UInt8]) -> Bool {
        let code = picture.indices.dropLast(4).first { picture[$0...].prefix(4).elementsEqual([0, 0, 1, 0xB6]) }
        return code.map { picture[$0 + 4] >> 6 == 2 } ?? false
    }

    /// As DivX packed them for players that take one chunk a picture: a reference picture and the first B picture behind it
    /// share a chunk, and an empty one comes after the last.
    var packed: [[UInt8]] {
        var chunks: [[UInt8]] = []
        var index = 0
        while index < all.count {
            let run = all[(index + 1)...].prefix(while: Self.isB)
            if let first = run.first {
                chunks.append(all[index] + first)
                chunks += run.dropFirst()
                chunks.append(Self.notCoded)
            } else {
                chunks.append(all[index])
            }
            index += 1 + run.count
        }
        return chunks
    }
}
