internal import CLinux
internal import Glibc

enum FileCopy {
    /// Copies a whole file into an empty one, within the kernel, sharing blocks if the file system can.
    ///
    /// - Parameter onPart: called after each part, often enough to renew a lease; false ends it.
    static func copy(
        from source: CInt, to target: CInt, path: String, onPart: () -> Bool = { true }
    ) throws(ObjectError) {
        var from: Int64 = 0
        var to: Int64 = 0
        while true {
            let count = clinux_copy_range(source, &from, target, &to, 64 << 20)
            if count == 0 { return }
            if count > 0 {
                guard onPart() else { throw .cancelled(path) }
                continue
            }
            if errno == EINTR { continue }
            guard from == 0, errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
                throw ObjectError(path, call: "copy_file_range", code: errno)
            }
            return try copyBytes(from: source, to: target, path: path, onPart: onPart)
        }
    }

    /// For file systems between which the kernel does not copy.
    private static func copyBytes(
        from source: CInt, to target: CInt, path: String, onPart: () -> Bool
    ) throws(ObjectError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var offset: off_t = 0
        while true {
            let count = pread(source, &buffer, buffer.count, offset)
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
