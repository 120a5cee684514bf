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
        if let fault = dead(path, file) { return [fault] }
        let host = OwnProcess.hostName()
        let findings = daemons.flatMap { daemon in
            if daemon.host != host { return [stranger(daemon, path)] }
            return kill(daemon.pid, 0) == 0 || errno == EPERM ? neighbour(daemon, path, file) : []
        }
        if !findings.isEmpty { return findings }
        return [ServiceUnit(configuration: file).flatMap { stopped($0) } ?? .good("daemon", "Not running; it can write its status to \(path).")]
    }

    /// The process of a daemon that writes its status.
    static func process(of configuration: Configuration) -> pid_t? {
        guard let report = try? StatusReport.read(path: configuration.statusFile), report.status.state.isLiving else { return nil }
        return report.status.host == OwnProcess.hostName() ? report.status.pid : nil
    }

    private static func dead(_ path: String, _ file: String) -> Finding? {
        guard let status = try? StatusReport.read(path: path)?.status, status.host == OwnProcess.hostName() else { return nil }
        let unit = ServiceUnit(configuration: file)?.name ?? "transcoder"
        switch status.state {
        case .died:
            return .bad(
                "daemon", "The daemon (process \(status.pid)) is gone without having been stopped: nothing is transcoded.",
                remedy: "“systemctl start \(unit)”; “journalctl -u \(unit)” may say why it ended.")
        case .silent:
            return .bad(
                "daemon", "The daemon (process \(status.pid)) has written nothing to \(path) for 30 s: it stands still, or its disk does.",
                remedy: "“journalctl -u \(unit)” may say why; “systemctl restart \(unit)” starts it again.")
        case .starting, .running, .draining, .stopped: return nil
        }
    }

    /// systemd removes the status of a service that has ended, in whatever way.
    static func stopped(_ unit: ServiceUnit, systemFolder: String = ServiceDropIn.systemFolder) -> Finding? {
        let wanted = "\(systemFolder)/multi-user.target.wants/\(unit.name).service"
        var status = stat()
        guard lstat(wanted, &status) == 0 else { return nil }
        return .bad(
            "daemon", "The service \(unit.name) is enabled, but does not run: nothing is transcoded.",
            remedy: "“systemctl start \(unit.name)”; “journalctl -u \(unit.name)” says why it ended.")
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
        // Root looks with the daemon's eyes.
        if let user = process.user, geteuid() != 0, user != geteuid() {
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
