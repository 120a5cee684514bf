package import Glibc

/// A file that others read while we write: always complete, because it is replaced.
package enum FileReplacement {
    /// Created beside the file, under a hidden name of this process.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(ReplacementError) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let name = path[slash...].drop { $0 == "/" }
        let temporary = "\(path.parentFolder)/.\(name).\(getpid()).part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ReplacementError(path: path, code: errno) }
        // A process with the same PID may have left one.
        _ = fchmod(descriptor, mode)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let code = errno
        close(descriptor)
        guard written == bytes.count, rename(temporary, path) == 0 else {
            let code = written == bytes.count ? errno : written < 0 ? code : ENOSPC
            unlink(temporary)
            throw ReplacementError(path: path, code: code)
        }
    }

    package static func remove(_ path: String) { unlink(path) }
}

/// Why a file could not be replaced: a sentence.
package struct ReplacementError: Error, Equatable, CustomStringConvertible {
    package let path: String
    package let code: CInt

    package var description: String { "\(path) cannot be written: \(String(cString: strerror(code)))." }
}
