internal import Execution
internal import FoundationEssentials
internal import Glibc
internal import Observability
internal import Platform
internal import WorkerConfiguration

/// Checks the status file, and which daemons write it. Blocks.
enum DaemonChecks {
    /// - Parameter file: of the configuration.
    static func findings(_ configuration: Configuration, file: String) -> [Finding] {
        let path = configuration.statusFile
        let another = "set another path for “status_file”"
        if let complaint = FolderCheck.complaint("status file", key: "status_file", path: path, isMade: true) { return [complaint] }
        let lock = StatusNames(path).lock
        if access(lock, F_OK) == 0, access(lock, R_OK | W_OK) != 0 {
            return [
                .bad(
                    "status file", "\(lock) belongs to another user: the daemon cannot start as this user (\(geteuid())).",
                    remedy: "Remove it while no daemon is running, or \(another).")
            ]
        }
        let daemons: [Status]
        do {
            daemons = try StatusReport.told(path: path).filter { $0.state.isLiving && StatusReport.isFresh($0, now: Date()) }
        } catch {
            return [.bad("status file", "\(error)", remedy: "Move the file, or \(another): the daemon would overwrite it.")]
        }
        let host = OwnProcess.hostName()
        let findings = daemons.flatMap { daemon in
            if daemon.host != host { return [stranger(daemon, path)] }
            return kill(daemon.pid, 0) == 0 || errno == EPERM ? neighbour(daemon, path, file) : []
        }
        return findings.isEmpty ? [.good("daemon", "Not running; it can write its status to \(path).")] : findings
    }

    private static func stranger(_ daemon: Status, _ path: String) -> Finding {
        .odd(
            "daemon", "A daemon on \(daemon.host) writes \(path), too: only the latest status is visible.",
            remedy: "On each host, set “status_file” to a path on a local disk.")
    }

    /// A daemon on this host, which may be what this configuration is for.
    private static func neighbour(_ daemon: Status, _ path: String, _ file: String) -> [Finding] {
        let (process, it) = (DaemonProcess(pid: daemon.pid), "The daemon that writes \(path) (process \(daemon.pid))")
        if let theirs = process.configuration, let ours = DaemonProcess.resolved(file), theirs != ours {
            return [
                .odd(
                    "daemon", "\(it) uses another configuration: \(theirs). Their statuses are mixed.",
                    remedy: "Give each configuration its own “status_file”, or check that one: --config \(theirs).")
            ]
        }
        var findings: [Finding] = []
        if let user = process.user, user != geteuid() {
            let name = StorageOwner.name(of: user) ?? "\(user)"
            findings.append(
                .odd(
                    "daemon", "\(it) runs as \(name), but this check does not: the permissions shown here are not the daemon's.",
                    remedy: "Run “sudo -u \(name) transcoder doctor”; or, if the service should run as this user, stop that daemon."))
        }
        for notice in daemon.database.notices ?? [] {
            findings.append(
                .odd("database", notice, remedy: "docs/operate.md, “The database is restored or repaired”, explains this."))
        }
        for folder in daemon.away ?? [] {
            findings.append(.odd("storage", folder.sentence, remedy: "Mount its disk, or restore the folder: the files are then picked up automatically."))
        }
        if daemon.version != Version.current {
            findings.append(
                .odd(
                    "daemon", "\(it) is version \(daemon.version), but this program is version \(Version.current).",
                    remedy: "Restart it: “systemctl restart transcoder” lets its running files finish."))
        }
        return findings.isEmpty ? [.good("daemon", "Process \(daemon.pid) is running with this configuration.")] : findings
    }
}
