internal import Glibc
internal import Site
internal import SQL
internal import WorkerConfiguration
internal import Platform

/// The paths that the service needs for a site, beside what every program may read. A value.
struct ServicePaths {
    let read: [String]
    let written: [String]
    /// The database's and the cache's own sockets.
    private let sockets: [String]

    init(_ configuration: Configuration, _ site: SiteSettings) {
        var written = [site.storageRoot]
        var sockets: [String] = []
        switch site.database {
        // SQLite creates files beside the database.
        case .sqlite(let path): written.append(path.parentFolder)
        case .mariadb(let server), .postgresql(let server):
            // PostgreSQL's host may be the folder of its socket.
            sockets += [server.socket, server.host].compactMap(\.self).filter { $0.hasPrefix("/") }
        }
        switch site.cache {
        case .files(let folder): written.append(folder)
        case .redis(let server, _): sockets += [server.host].filter { $0.hasPrefix("/") }
        case .table, .none, .foreign: break
        }
        // The application writes its logs and caches.
        if configuration.cacheCommand != nil { written += [site.root + "/storage", site.root + "/bootstrap/cache"] }
        if let scratch = configuration.scratch { written.append(scratch) }
        // systemd already lets the service write to its own folders.
        let made = [configuration.statusFile, configuration.socket, configuration.metricsFile].compactMap(\.self).map(\.parentFolder)
        written += (made + [configuration.storage.cache]).filter { !$0.hasPrefix("/run/transcoder") && !$0.hasPrefix("/var/cache/transcoder") }
        self.written = written.reduce(into: []) { all, path in
            if !all.contains(path) { all.append(path) }
        }
        read = [site.root, site.storageRoot]
        self.sockets = sockets
    }

    /// Whether any of them is in one of these folders, with links resolved.
    func areIn(_ folders: [String]) -> Bool {
        (read + written + sockets).flatMap { [$0, Self.resolved($0)] }.contains { path in
            folders.contains { path == $0 || path.hasPrefix($0 + "/") }
        }
    }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
