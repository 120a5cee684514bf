internal import Glibc

/// Checks a poster's header: the child's report alone is not trusted.
package enum PosterCheck {
    /// The dimensions in a JPEG header; nil if it is not a JPEG. Reads up to the frame header.
    package static func jpegSize(descriptor: CInt) -> (width: Int, height: Int)? {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return jpegSize(bytes[..<count])
    }

    package static func jpegSize(_ bytes: ArraySlice<UInt8>) -> (width: Int, height: Int)? {
        let bytes = Array(bytes)
        guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
        var offset = 2
        while offset + 9 <= bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            switch marker {
            case 0xC0...0xC2:
                let height = Int(bytes[offset + 5]) << 8 | Int(bytes[offset + 6])
                let width = Int(bytes[offset + 7]) << 8 | Int(bytes[offset + 8])
                return width > 0 && height > 0 ? (width, height) : nil
            case 0xD8, 0xD9, 0xDA: return nil
            default:
                guard length >= 2 else { return nil }
                offset += 2 + length
            }
        }
        return nil
    }
}
