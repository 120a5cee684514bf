internal import FoundationEssentials
internal import Glibc
public import Jobs

/// This process, as the job's rows name it, and whether others that they name still run.
public enum OwnProcess {
    public static func owner() -> Owner {
        let pid = getpid()
        return Owner(host: hostName(), bootID: bootID(), pid: pid, startTime: startTime(pid) ?? 0)
    }

    /// To be asked about processes of this host only.
    @Sendable public static func isAlive(_ owner: Owner) -> Bool {
        owner.bootID == bootID() && startTime(owner.pid) == owner.startTime
    }

    public static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func bootID() -> String {
        let text = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id") ?? Data()
        return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Field 22 of `/proc/PID/stat`; nil for a process that is not there, or only a zombie.
    private static func startTime(_ pid: Int32) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The second field is the program's name in brackets, and may hold anything.
        let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
