internal import Glibc
internal import Objects
internal import Site
internal import WorkerConfiguration

/// The site's storage and the folder for work: who may write and read there, whose it is, and whether there is room. Blocks.
enum StorageChecks {
    static func findings(_ site: SiteSettings, _ configuration: Configuration) -> [Finding] {
        do {
            let disk = try LocalDisk(root: site.storageRoot, scratch: configuration.scratch)
            return [try storage(disk)] + owners(disk.root) + [
                webServer(disk.root), disk.scratch.flatMap(scratch), try room(disk, reserve: Int64(configuration.reserve)),
            ].compactMap(\.self)
        } catch {
            return [.bad("storage", "\(error)", remedy: "See that its disk is mounted, and that this user may enter every folder above it.")]
        }
    }

    private static func storage(_ disk: LocalDisk) throws -> Finding {
        if let folder = disk.unwritable(["videos", "audios"]) {
            return .bad(
                "storage", "\(folder) may not be written by this user (\(geteuid())).",
                remedy: "Run the service, and this check, as the owner of the site's storage.")
        }
        return .good("storage", "\(disk.root) can be written to; \(Quantity.people(bytes: try disk.freeSpace().work)) are free.")
    }

    private static func owners(_ root: String) -> [Finding] {
        guard let owner = try? StorageOwner.of(storageRoot: root) else { return [] }
        func name(_ user: uid_t) -> String { StorageOwner.name(of: user) ?? "\(user)" }
        var findings: [Finding] = []
        let me = name(geteuid())
        if geteuid() == 0, !owner.isRoot {
            findings.append(
                .good("owner", "\(root) belongs to \(owner.user): as root, the daemon gives every result to the owner of its upload."))
        } else if owner.user != me {
            findings.append(
                .odd(
                    "owner",
                    """
                    \(root) belongs to \(owner.user), and what is made as \(me) will belong to \(me): the site may not change it, and \
                    may not read it where uploads are for their owner alone.
                    """, remedy: "Run the service, and this check, as \(owner.user): “transcoder init” tells systemd so."))
        }
        let users = ["videos", "audios"].compactMap { folder in
            var status = stat()
            return stat("\(root)/\(folder)", &status) == 0 ? name(status.st_uid) : nil
        }
        if users.count == 2, users[0] != users[1] {
            findings.append(
                .odd(
                    "owner", "In \(root), videos belongs to \(users[0]), and audios to \(users[1]): the site is one user, and so is the daemon.",
                    remedy: "Give both to the user that PHP runs as: “chown -R \(owner.user):\(owner.group) \(root)”, if that is \(owner.user)."))
        }
        return findings
    }

    /// Nil, too, where it cannot be told.
    private static func webServer(_ root: String) -> Finding? {
        let users = ["www-data", "nginx", "apache", "http", "caddy"].compactMap(HostUser.init(name:))
        let obstacles = users.map { $0.obstacle(onTheWayTo: root + "/videos") }
        guard let user = users.first, let folder = obstacles[0], !obstacles.contains(nil) else { return nil }
        return .odd(
            "web server", "\(user.name), as whom web servers run, may not enter \(folder): nothing of the storage can be served.",
            remedy: "“chmod o+x \(folder)”. Where it runs as another user, or an access list lets it in, nothing is to be done.")
    }

    private static func scratch(_ folder: String) -> Finding? {
        var status = stat()
        guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0, stat(folder, &status) == 0 else {
            return .bad(
                "scratch", "\(folder) may not be written by this user (\(geteuid())): no file can be worked on.",
                remedy: "Give it to the service's user (chown), or name another folder for “scratch”.")
        }
        guard status.st_mode & S_IWOTH != 0 else { return nil }
        return .odd(
            "scratch", "\(folder) may be written, and filled up, by every user of this machine: then work stops.",
            remedy: "“chmod o-w \(folder)”, or name a folder of the service's own for “scratch”.")
    }

    /// Nil where there is some.
    private static func room(_ disk: LocalDisk, reserve: Int64) throws -> Finding? {
        let space = try disk.freeSpace()
        let places = [(disk.scratch ?? disk.root, space.work), (disk.root, space.storage ?? .max)]
        guard let (folder, free) = places.first(where: { $0.1 <= reserve }) else { return nil }
        return .bad(
            "room",
            """
            \(Quantity.people(bytes: free)) are free in \(folder), and \(Quantity.people(bytes: reserve)) are to stay free (reserve): \
            no file is taken up.
            """, remedy: "Make room there, or lower “reserve”. Nothing needs to be started anew.")
    }
}
