internal import CLinux
internal import FoundationEssentials
internal import Glibc
internal import Platform

/// The user that the daemon runs as. A check that runs as root looks with this user's eyes.
struct ServiceUser: Sendable {
    let name: String
    private let user: uid_t
    private let group: gid_t
    private let groups: [gid_t]

    /// Nil if this process is not root's, or nothing says that the daemon runs as another user.
    ///
    /// - Parameters:
    ///   - configuration: the path of its file.
    ///   - daemon: a running daemon's process, which knows best.
    static func other(configuration: String, daemon: pid_t?, systemFolder: String = ServiceDropIn.systemFolder) -> ServiceUser? {
        guard geteuid() == 0 else { return nil }
        let running = daemon.flatMap { DaemonProcess(pid: $0).user }.flatMap(StorageOwner.name(of:))
        guard let name = running ?? configured(configuration, systemFolder), name != "root" else { return nil }
        return ServiceUser(name: name)
    }

    private init?(name: String) {
        guard let account = getpwnam(name)?.pointee else { return nil }
        var groups = [gid_t](repeating: 0, count: 256)
        var count = CInt(groups.count)
        guard getgrouplist(name, account.pw_gid, &groups, &count) >= 0 else { return nil }
        self.name = name
        (user, group) = (account.pw_uid, account.pw_gid)
        self.groups = Array(groups.prefix(Int(count)))
    }

    /// The last `User=` of the unit's drop-ins.
    private static func configured(_ configuration: String, _ systemFolder: String) -> String? {
        guard let unit = ServiceUnit(configuration: configuration) else { return nil }
        let folder = "\(systemFolder)/\(unit.name).service.d"
        let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".conf") }.sorted()
        let lines = files.compactMap { SystemFile.text("\(folder)/\($0)") }.flatMap { $0.split(separator: "\n") }
        return lines.last { $0.hasPrefix("User=") }.map { String($0.dropFirst(5)) }
    }

    /// Looks at files as this user, on a thread of its own.
    func looking<Result: Sendable>(_ look: @escaping @Sendable () -> Result) async throws -> Result {
        try await BlockingThread().run {
            guard clinux_access_files_as(user, group, groups, groups.count) == 0 else { throw ServiceUserError(name: name, code: errno) }
            return look()
        }
    }
}

struct ServiceUserError: Error, CustomStringConvertible {
    let name: String
    let code: CInt

    var description: String { "Files cannot be accessed as \(name): \(String(cString: strerror(code)))." }
}
