internal import Glibc
internal import Objects
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Checks the site's storage and the scratch folder: permissions, ownership and disk space. Blocks.
enum StorageChecks {
    /// - Parameters:
    ///   - waiting: files of the queue.
    ///   - month: as in the names of upload folders.
    ///   - user: with whose rights this runs; nil is this process's own.
    static func findings(
        _ site: SiteSettings, _ configuration: Configuration, waiting: [MediaFile], month: String, as user: ServiceUser?
    ) -> [Finding] {
        let who = user.map { "The service's user, \($0.name)," } ?? "This user (\(geteuid()))"
        do {
            let disk = try LocalDisk(root: site.storageRoot, scratch: configuration.scratch)
            let uploads = UploadChecks.findings(disk, waiting: waiting, month: month, who: who)
            return [try storage(disk, who, user)] + uploads + owners(disk.root, user) + [
                user == nil ? nil : database(site, who), webServer(disk.root), disk.scratch.flatMap { scratch($0, who) },
                try room(disk, reserve: Int64(configuration.reserve)),
            ].compactMap(\.self)
        } catch {
            return [.bad("storage", "\(error)", remedy: "Check that its disk is mounted, and that this user can enter every folder above it.")]
        }
    }

    private static func storage(_ disk: LocalDisk, _ who: String, _ user: ServiceUser?) throws -> Finding {
        if let folder = disk.unwritable(["videos", "audios"]) {
            return .bad(
                "storage", "\(who) cannot write to \(folder).",
                remedy: "Run the service, and this check, as the owner of the site's storage.")
        }
        return .good("storage", "\(disk.root) is writable\(user.map { " for \($0.name)" } ?? ""); \(ByteSize.text(try disk.freeSpace().work)) free.")
    }

    /// SQLite has no users: its rights are those of its file, and of its folder, where it makes its journal.
    private static func database(_ site: SiteSettings, _ who: String) -> Finding? {
        guard case .sqlite(let path) = site.database else { return nil }
        let places = [(path, R_OK | W_OK), (path.parentFolder, W_OK | X_OK)]
        guard let (place, _) = places.first(where: { faccessat(AT_FDCWD, $0.0, $0.1, AT_EACCESS) != 0 }) else { return nil }
        return .bad("rights", "\(who) cannot write to \(place).", remedy: "Give that user the database's file and its folder (chown).")
    }

    private static func owners(_ root: String, _ user: ServiceUser?) -> [Finding] {
        guard let owner = try? StorageOwner.of(storageRoot: root) else { return [] }
        func name(_ user: uid_t) -> String { StorageOwner.name(of: user) ?? "\(user)" }
        var findings: [Finding] = []
        let me = user?.name ?? name(geteuid())
        if user == nil, geteuid() == 0, !owner.isRoot {
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

    private static func scratch(_ folder: String, _ who: String) -> Finding? {
        var status = stat()
        guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0, stat(folder, &status) == 0 else {
            return .bad(
                "scratch", "\(who) cannot write to \(folder): no file can be transcoded.",
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
