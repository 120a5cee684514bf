internal import Glibc
internal import Objects
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Checks the site's storage and the scratch folder: permissions, ownership and disk space. Blocks.
enum StorageChecks {
    static func findings(_ site: SiteSettings, _ configuration: Configuration) -> [Finding] {
        do {
            let disk = try LocalDisk(root: site.storageRoot, scratch: configuration.scratch)
            return [try storage(disk)] + owners(disk.root) + [
                webServer(disk.root), disk.scratch.flatMap(scratch), try room(disk, reserve: Int64(configuration.reserve)),
            ].compactMap(\.self)
        } catch {
            return [.bad("storage", "\(error)", remedy: "Check that its disk is mounted, and that this user can enter every folder above it.")]
        }
    }

    private static func storage(_ disk: LocalDisk) throws -> Finding {
        if let folder = disk.unwritable(["videos", "audios"]) {
            return .bad(
                "storage", "This user (\(geteuid())) cannot write to \(folder).",
                remedy: "Run the service, and this check, as the owner of the site's storage.")
        }
        return .good("storage", "\(disk.root) is writable; \(ByteSize.text(try disk.freeSpace().work)) free.")
    }

    private static func owners(_ root: String) -> [Finding] {
        guard let owner = try? StorageOwner.of(storageRoot: root) else { return [] }
        func name(_ user: uid_t) -> String { StorageOwner.name(of: user) ?? "\(user)" }
        var findings: [Finding] = []
        let me = name(geteuid())
        if geteuid() == 0, !owner.isRoot {
            findings.append(
                .good("owner", "\(root) belongs to \(owner.user): running as root, the daemon gives each result to the owner of its upload."))
        } else if owner.user != me {
            findings.append(
                .odd(
                    "owner",
                    """
                    \(root) belongs to \(owner.user), but results will belong to \(me): the site cannot change them, and \
                    cannot read them if uploads are readable for their owner only.
                    """, remedy: "Run the service, and this check, as \(owner.user): “transcoder init” configures systemd."))
        }
        let users = ["videos", "audios"].compactMap { folder in
            var status = stat()
            return stat("\(root)/\(folder)", &status) == 0 ? name(status.st_uid) : nil
        }
        if users.count == 2, users[0] != users[1] {
            findings.append(
                .odd(
                    "owner", "In \(root), videos belongs to \(users[0]), but audios to \(users[1]): site and daemon run as one user.",
                    remedy: "Give both to PHP's user: “chown -R \(owner.user):\(owner.group) \(root)”, if that is \(owner.user)."))
        }
        return findings
    }

    /// Nil also if this cannot be determined.
    private static func webServer(_ root: String) -> Finding? {
        let users = ["www-data", "nginx", "apache", "http", "caddy"].compactMap(HostUser.init(name:))
        let obstacles = users.map { $0.obstacle(onTheWayTo: root + "/videos") }
        guard let user = users.first, let folder = obstacles[0], !obstacles.contains(nil) else { return nil }
        return .odd(
            "web server", "The web server's user, \(user.name), cannot enter \(folder): it cannot serve the storage.",
            remedy: "“chmod o+x \(folder)”. If the web server runs as another user, or an ACL grants access, there is nothing to do.")
    }

    private static func scratch(_ folder: String) -> Finding? {
        var status = stat()
        guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0, stat(folder, &status) == 0 else {
            return .bad(
                "scratch", "This user (\(geteuid())) cannot write to \(folder): no file can be transcoded.",
                remedy: "Give it to the service's user (chown), or set another folder for “scratch”.")
        }
        guard status.st_mode & S_IWOTH != 0 else { return nil }
        return .odd(
            "scratch", "Every user of this machine can fill up \(folder), which stops all work.",
            remedy: "“chmod o-w \(folder)”, or set “scratch” to a folder that belongs to the service.")
    }

    /// Nil if there is enough.
    private static func room(_ disk: LocalDisk, reserve: Int64) throws -> Finding? {
        let space = try disk.freeSpace()
        let places = [(disk.scratch ?? disk.root, space.work), (disk.root, space.storage ?? .max)]
        guard let (folder, free) = places.first(where: { $0.1 <= reserve }) else { return nil }
        return .bad(
            "room",
            """
            Not enough disk space: \(ByteSize.text(free)) free in \(folder), and “reserve” keeps \
            \(ByteSize.text(reserve)) free. No file is started.
            """, remedy: "Free disk space there, or lower “reserve”. The daemon continues without a restart.")
    }
}
