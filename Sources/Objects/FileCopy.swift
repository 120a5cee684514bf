internal import CLinux
internal import Glibc

enum FileCopy {
    /// Copies a file into an empty one, within the kernel, sharing blocks if the file system can.
    ///
    /// - Parameters:
    ///   - range: of its bytes; all of them by default.
    ///   - onPart: called after each part, often enough to renew a lease; false ends it.
    static func copy(
        from source: CInt, to target: CInt, path: String, range: Range<Int64> = 0..<Int64.max, onPart: () -> Bool = { true }
    ) throws(ObjectError) {
        var from = range.lowerBound
        var to: Int64 = 0
        while from < range.upperBound {
            let count = clinux_copy_range(source, &from, target, &to, Int(min(64 << 20, range.upperBound - from)))
            if count == 0 { return }
            if count > 0 {
                guard onPart() else { throw .cancelled(path) }
                continue
            }
            if errno == EINTR { continue }
            guard to == 0, errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
                throw ObjectError(path, call: "copy_file_range", code: errno)
            }
            return try copyBytes(from: source, to: target, path: path, range: range, onPart: onPart)
        }
    }

    /// For file systems between which the kernel does not copy.
    private static func copyBytes(
        from source: CInt, to target: CInt, path: String, range: Range<Int64>, onPart: () -> Bool
    ) throws(ObjectError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: off_t = 0
        while true {
            let rest = range.upperBound - range.lowerBound - Int64(offset)
            let count = pread(source, &buffer, Int(min(Int64(buffer.count), rest)), off_t(range.lowerBound) + offset)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ObjectError(path, call: "pread", code: errno) }
            if count == 0 { return }
            var written = 0
            while written < count {
                let step = buffer.withUnsafeBytes { bytes in
                    pwrite(target, bytes.baseAddress! + written, count - written, offset + off_t(written))
                }
                if step < 0 && errno == EINTR { continue }
                guard step > 0 else { throw ObjectError(path, call: "pwrite", code: errno) }
                written += step
            }
            offset += off_t(count)
            guard onPart() else { throw .cancelled(path) }
        }
    }
}
