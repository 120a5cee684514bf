internal import Glibc

/// The kernel's account of another process. Opened when the process has just been started: later it closes itself to
/// others' eyes, which some hosts take for all of `/proc`. Owns its descriptor. May be used from any thread.
final class ProcessStatistics: Sendable {
    private let descriptor: CInt

    init(of pid: pid_t) throws(ChildError) {
        let path = "/proc/\(pid)/stat"
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ChildError.call("open \(path)", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// How many threads it has now; nil when it has been reaped.
    var threads: Int? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // A process chooses its own name, which stands in brackets; behind it there are numbers only.
        guard count > 0, let name = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(name + 1)..<count].split(separator: UInt8(ascii: " "))
        return fields.count > 17 ? Int(String(decoding: fields[17], as: UTF8.self)) : nil
    }
}
