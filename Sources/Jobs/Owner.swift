/// The process that holds a job: named so that another process can tell for certain whether it still runs.
///
/// A process number alone is reused, so its start time goes with it, and the boot, for both begin anew after a restart.
public struct Owner: Sendable, Hashable, Codable {
    public var host: String
    /// The boot, and what else tells where on the host the process is to be found: no slash.
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

    /// As the job's row stores it: `host/boot/pid/start`.
    public var text: String { "\(host)/\(bootID)/\(pid)/\(startTime)" }

    /// Reads `text` back; nil for anything else. Only the host may hold a slash.
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
