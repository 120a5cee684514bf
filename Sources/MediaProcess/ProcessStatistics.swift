internal import Glibc

/// A process's current resource usage.
package struct ProcessUsage: Sendable, Equatable {
    package let threads: Int
    /// Resident bytes, including those of libraries and files.
    let memory: Int
}

/// The kernel's statistics of another process. Opened right after its start: later it makes itself undumpable,
/// and some hosts then hide all of its `/proc`. Owns its descriptor. May be used from any thread.
final class ProcessStatistics: Sendable {
    private let descriptor: CInt
    private static let pageSize = sysconf(CInt(_SC_PAGESIZE))

    init(of pid: pid_t) throws(ChildError) {
        let path = "/proc/\(pid)/stat"
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ChildError.call("open \(path)", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Nil once it is reaped.
    var usage: ProcessUsage? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // A process chooses its own name, which is in brackets; only numbers follow it.
        guard count > 0, let name = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(name + 1)..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 21, let threads = Int(String(decoding: fields[17], as: UTF8.self)),
            let pages = Int(String(decoding: fields[21], as: UTF8.self))
        else { return nil }
        return ProcessUsage(threads: threads, memory: pages * Self.pageSize)
    }
}
