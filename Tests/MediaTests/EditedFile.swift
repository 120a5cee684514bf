import Foundation

/// An MP4 or MOV whose index is at its end, with other edit lists than it had (ISO/IEC 14496-12, 8.6.6).
struct EditedFile {
    /// Seconds; `media` nil shows nothing.
    struct Edit {
        var duration: Double
        var media: Double?
        var rate = 1.0
    }

    private let bytes: [UInt8]

    init(_ file: URL) throws { bytes = Array(try Data(contentsOf: file)) }

    /// - Parameter picture, sound: nil leaves the track's list as it is.
    func with(picture: [Edit]?, sound: [Edit]?) -> [UInt8] {
        guard let movie = box("moov", in: 0..<bytes.count), movie.upperBound == bytes.count else { return [] }
        let scale = number(time("mvhd", in: content(movie)))
        var index: [UInt8] = []
        for part in boxes(in: content(movie)) {
            guard name(part) == "trak", let media = box("mdia", in: content(part)), let handler = box("hdlr", in: content(media)),
                let edits = String(decoding: bytes[handler.lowerBound + 16..<handler.lowerBound + 20], as: UTF8.self) == "vide" ? picture : sound
            else {
                index += bytes[part]
                continue
            }
            let mediaScale = number(time("mdhd", in: content(media)))
            // What a list did hide already: an encoder's priming, the delay of B pictures.
            let hidden = box("edts", in: content(part)).map { number($0.upperBound - 8) } ?? 0
            let entries = edits.flatMap { edit in
                word(Int((edit.duration * Double(scale)).rounded()))
                    + word(edit.media.map { Int(($0 * Double(mediaScale)).rounded()) + hidden } ?? -1) + word(Int(edit.rate * 65536))
            }
            let list = make("edts", make("elst", word(0) + word(edits.count) + entries))
            let others = boxes(in: content(part)).filter { name($0) != "edts" }
            index += make("trak", Array(bytes[others[0]]) + list + others.dropFirst().flatMap { bytes[$0] })
        }
        return bytes[..<movie.lowerBound] + make("moov", index)
    }

    private func boxes(in range: Range<Int>) -> [Range<Int>] {
        var (found, position): ([Range<Int>], Int) = ([], range.lowerBound)
        while position + 8 <= range.upperBound {
            let size = number(position)
            guard size >= 8, position + size <= range.upperBound else { break }
            found.append(position..<position + size)
            position += size
        }
        return found
    }

    private func box(_ name: String, in range: Range<Int>) -> Range<Int>? { boxes(in: range).first { self.name($0) == name } }
    private func content(_ box: Range<Int>) -> Range<Int> { box.lowerBound + 8..<box.upperBound }
    private func name(_ box: Range<Int>) -> String { String(decoding: bytes[box.lowerBound + 4..<box.lowerBound + 8], as: UTF8.self) }
    private func number(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    /// Where the time scale of a header of version 0 stands.
    private func time(_ name: String, in range: Range<Int>) -> Int { (box(name, in: range)?.lowerBound ?? 0) + 20 }
    private func word(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
    private func make(_ name: String, _ content: [UInt8]) -> [UInt8] { word(content.count + 8) + Array(name.utf8) + content }
}
