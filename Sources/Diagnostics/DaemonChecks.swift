internal import Execution
internal import FoundationEssentials
internal import Glibc
internal import Observability
internal import Platform
internal import WorkerConfiguration

/// The file that the daemon tells its status in, and who writes it now. Blocks.
enum DaemonChecks {
    /// - Parameter file: of the configuration.
    static func findings(_ configuration: Configuration, file: String) -> [Finding] {
        let path = configuration.statusFile
        let another = "name another path for “status_file”"
        if let complaint = FolderCheck.complaint("status file", key: "status_file", path: path, isMade: true) { return [complaint] }
        let lock = StatusNames(path).lock
        if access(lock, F_OK) == 0, access(lock, R_OK | W_OK) != 0 {
            return [
                .bad(
                    "status file", "\(lock) belongs to another user: as this one (\(geteuid())), the daemon does not start.",
                    remedy: "Remove it while no daemon runs, or \(another).")
            ]
        }
        let daemons: [Status]
        do {
            daemons = try StatusReport.told(path: path).filter { $0.state != .stopped && StatusReport.isFresh($0, now: Date()) }
        } catch {
            return [.bad("status file", "\(error)", remedy: "Move it away, or \(another): the daemon would replace it.")]
        }
        let host = OwnProcess.hostName()
        let findings = daemons.flatMap { daemon in
            if daemon.host != host { return [stranger(daemon, path)] }
            return kill(daemon.pid, 0) == 0 || errno == EPERM ? neighbour(daemon, path, file) : []
        }
        return findings.isEmpty ? [.good("daemon", "None runs here now; it can write its status to \(path).")] : findings
    }

    private static func stranger(_ daemon: Status, _ path: String) -> Finding {
        .odd(
            "daemon", "A daemon on \(daemon.host) writes \(path), too: whichever is later is seen, and which runs cannot be told.",
            remedy: "Name a path on a disk of this host's own for “status_file”, on each host.")
    }

    /// A daemon on this host, which may be what this configuration is for.
    private static func neighbour(_ daemon: Status, _ path: String, _ file: String) -> [Finding] {
        let (process, it) = (DaemonProcess(pid: daemon.pid), "The daemon that tells its status in \(path) (process \(daemon.pid))")
        if let theirs = process.configuration, let ours = DaemonProcess.resolved(file), theirs != ours {
            return [
                .odd(
                    "daemon", "\(it) goes by another configuration: \(theirs). What both do is told as one.",
                    remedy: "Give each configuration a “status_file” of its own, or look at that one: --config \(theirs).")
            ]
        }
        var findings: [Finding] = []
        if let user = process.user, user != geteuid() {
            let name = StorageOwner.name(of: user) ?? "\(user)"
            findings.append(
                .odd(
                    "daemon", "\(it) runs as \(name), and this check does not: what it may do is not what is told here.",
                    remedy: "“sudo -u \(name) transcoder doctor”; or, where the service should run as this user, stop that daemon."))
        }
        for notice in daemon.database.notices ?? [] {
            findings.append(
                .odd("database", notice, remedy: "docs/operate.md, “The database is restored or repaired”, says what that means."))
        }
        for folder in daemon.away ?? [] {
            findings.append(.odd("storage", folder.sentence, remedy: "Mount it, or bring the folder back: they are taken up by themselves."))
        }
        if daemon.version != Version.current {
            findings.append(
                .odd(
                    "daemon", "\(it) is of version \(daemon.version), and this program of version \(Version.current).",
                    remedy: "Restart it: “systemctl restart transcoder” lets its running files finish."))
        }
        return findings.isEmpty ? [.good("daemon", "Process \(daemon.pid) works by this configuration.")] : findings
    }
}
