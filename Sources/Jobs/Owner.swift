/// The process that holds a job, identified so that another process can tell reliably whether it still runs.
///
/// PIDs are reused, so the start time is included; both restart with the machine, so the boot ID is, too.
public struct Owner: Sendable, Hashable, Codable {
    public var host: String
    /// The boot ID, and what else locates the process on the host: no slash.
    public var bootID: String
    public var pid: Int32
    /// In clock ticks since boot: field 22 of `/proc/PID/stat`.
    public var startTime: UInt64

    public init(host: String, bootID: String, pid: Int32, startTime: UInt64) {
        self.host = host
        self.bootID = bootID
        self.pid = pid
        self.startTime = startTime
    }

    /// As stored in the job's row: `host/boot/pid/start`.
    public var text: String { "\(host)/\(bootID)/\(pid)/\(startTime)" }

    /// Parses `text`; nil if invalid. Only the host may contain a slash.
    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 4,
            let pid = Int32(parts[parts.count - 2]), pid > 0,
            let startTime = UInt64(parts[parts.count - 1])
        else { return nil }
        self.init(
            host: parts[..<(parts.count - 3)].joined(separator: "/"), bootID: String(parts[parts.count - 3]),
            pid: pid, startTime: startTime)
    }
}
