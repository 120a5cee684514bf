/// A phone's motion photo: a JPEG followed by a short MP4, in one file.
enum MotionPhoto {
    /// A photo before the video is never larger.
    private static let farthest: Int64 = 64 << 20
    private static let chunk = 1 << 20

    /// The offset of the video; nil if the file is no motion photo.
    static func filmOffset(in stream: ByteStream) -> Int64? {
        guard stream.peek(3) == [0xFF, 0xD8, 0xFF] else { return nil }
        let name = Array("ftyp".utf8)
        var position: Int64 = 0
        while position < min(stream.size, farthest) {
            // Chunks overlap, so that a box on the border is found.
            let bytes = stream.peek(chunk + 12, at: position)
            guard bytes.count > 12 else { return nil }
            for index in 4..<bytes.count - 8 where bytes[index] == name[0] && Array(bytes[index..<index + 4]) == name {
                // The file type box is small, and its brand is text.
                let size = bytes[index - 4..<index].reduce(0) { $0 << 8 | Int($1) }
                let brand = bytes[index + 4..<index + 8]
                if (16...512).contains(size), brand.allSatisfy({ (0x20...0x7E).contains($0) }) {
                    return position + Int64(index) - 4
                }
            }
            position += Int64(chunk)
        }
        return nil
    }
}
