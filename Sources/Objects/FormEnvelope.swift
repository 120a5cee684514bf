internal import Glibc

/// The form around an upload that a page sent as `FormData` to an address that takes the bytes alone: Fresns' S3 plugin does, and the store
/// keeps the form with the film in it (RFC 7578).
package enum FormEnvelope {
    /// Where the file is in the form; nil for anything but a form of one file.
    ///
    /// - Parameter descriptor: read by position.
    package static func content(of descriptor: CInt, size: Int64) -> Range<Int64>? {
        let head = read(descriptor, from: 0, count: 4096)
        let newLine = Array("\r\n".utf8)
        guard head.starts(with: Array("--".utf8)), let line = head.firstRange(of: newLine), (3...72).contains(line.lowerBound),
            let end = head[line.upperBound...].firstRange(of: newLine + newLine)
        else { return nil }
        let fields = String(decoding: head[line.upperBound..<end.lowerBound], as: UTF8.self).lowercased()
        guard fields.hasPrefix("content-disposition: form-data") || fields.contains("\r\ncontent-disposition: form-data"), fields.contains("filename")
        else { return nil }
        let close = newLine + head[..<line.lowerBound] + Array("--".utf8)
        // Some end with another line, some with two hyphens.
        for tail in [close + newLine, close] {
            let last = size - Int64(tail.count)
            guard last >= Int64(end.upperBound), read(descriptor, from: last, count: tail.count) == tail else { continue }
            return Int64(end.upperBound)..<last
        }
        return nil
    }

    /// Fewer where the file ends, or cannot be read.
    private static func read(_ descriptor: CInt, from offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let step = pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { return }
                filled += step
            }
        }
    }
}
