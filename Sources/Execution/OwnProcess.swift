internal import FoundationEssentials
internal import Glibc
public import Jobs

/// This process as the job's rows identify it, and whether other processes that they name still run.
public enum OwnProcess {
    public static func owner() -> Owner {
        let pid = getpid()
        return Owner(host: hostName(), bootID: place().joined(separator: "."), pid: pid, startTime: account(of: pid)?.startTime ?? 0)
    }

    /// Only for processes of this host name. False if it is known to be dead; a process that cannot be
    /// seen from here, on another machine or in another container of the same name, may live: its lease decides.
    @Sendable public static func isAlive(_ owner: Owner) -> Bool {
        let mine = place(), theirs = owner.bootID.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard theirs.count == mine.count else { return true }
        // The same boot is the same machine; within it, a process is only visible in its own namespace.
        if theirs[0] == mine[0] { return theirs[2] != mine[2] || isRunning(owner) }
        // An earlier boot of this machine.
        return mine[1].isEmpty || theirs[1] != mine[1]
    }

    private static func isRunning(_ owner: Owner) -> Bool {
        guard let account = account(of: owner.pid) else {
            // If /proc hides other users' processes, their PIDs are still taken.
            return kill(owner.pid, 0) == 0 || errno == EPERM
        }
        return account.startTime == owner.startTime
    }

    public static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// Locates this process: the boot, the machine (empty if it has no unique ID) and the PID namespace.
    private static func place() -> [String] {
        func line(_ path: String) -> String {
            let text = FileManager.default.contents(atPath: path) ?? Data()
            return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        let namespace = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
        return [line("/proc/sys/kernel/random/boot_id"), line("/etc/machine-id"), namespace.filter(\.isNumber)]
    }

    private struct Account {
        /// Field 22, in clock ticks since boot; nil for a zombie.
        let startTime: UInt64?
    }

    /// `/proc/PID/stat`; nil if it cannot be read.
    private static func account(of pid: Int32) -> Account? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The second field is the program's name in brackets, and may contain anything.
        let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19 else { return nil }
        return Account(startTime: ["Z", "X"].contains(fields[0]) ? nil : UInt64(fields[19]))
    }
}
