import Foundation

/// An MP4 whose header is changed byte by byte, as no muxer would write it.
struct MovieEditor {
    private(set) var bytes: [UInt8]

    struct NotFound: Error { var path: String }

    init(_ file: URL) throws { bytes = [UInt8](try Data(contentsOf: file)) }

    /// The payload of a box; `trak:1` is the second of its name.
    func box(_ path: String) throws -> Range<Int> {
        var range = 0..<bytes.count
        for part in path.split(separator: "/") {
            let words = part.split(separator: ":")
            guard let found = boxes(in: range, named: String(words[0])).dropFirst(words.count > 1 ? Int(words[1])! : 0).first
            else { throw NotFound(path: path) }
            range = found
            // Sample descriptions stand behind a version and a count, their own boxes behind their fields.
            switch words[0] {
            case "stsd": range = range.dropFirst(8)
            case "avc1": range = range.dropFirst(78)
            case "mp4a": range = range.dropFirst(28)
            default: break
            }
        }
        return range
    }

    private func boxes(in range: Range<Int>, named name: String) -> [Range<Int>] {
        var (found, position) = ([Range<Int>](), range.lowerBound)
        while position + 8 <= range.upperBound {
            let size = Int(number(at: position))
            guard size >= 8, position + size <= range.upperBound else { break }
            if bytes[position + 4..<position + 8].elementsEqual(name.utf8) { found.append(position + 8..<position + size) }
            position += size
        }
        return found
    }

    func number(at position: Int) -> UInt32 { bytes[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) } }

    /// The number at so many bytes of a box's payload.
    func number(_ path: String, at offset: Int) throws -> UInt32 { number(at: try box(path).lowerBound + offset) }

    mutating func set(_ path: String, at offset: Int, to value: UInt32) throws {
        let start = try box(path).lowerBound + offset
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(index))) }
    }

    mutating func set(_ path: String, at offset: Int, bytes values: [UInt8]) throws {
        let start = try box(path).lowerBound + offset
        bytes.replaceSubrange(start..<start + values.count, with: values)
    }

    /// Another name for a box.
    mutating func rename(_ path: String, to name: String) throws {
        var start = try box(path).lowerBound - 8
        if path.hasSuffix("stsd") { start -= 8 }
        if path.hasSuffix("avc1") { start -= 78 }
        if path.hasSuffix("mp4a") { start -= 28 }
        bytes.replaceSubrange(start + 4..<start + 8, with: Array(name.utf8))
    }

    mutating func scale(_ path: String, at offset: Int, by factor: UInt32) throws {
        try set(path, at: offset, to: try number(path, at: offset) * factor)
    }

    func write(_ name: String) throws -> URL { try GeneratedMedia.write(name, bytes) }
}
