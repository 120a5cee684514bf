internal import Glibc
internal import Site
internal import SQL
internal import WorkerConfiguration
internal import Platform

/// What of the disk the service needs on a site, beside what every program may read. A value.
struct ServicePaths {
    let read: [String]
    let written: [String]
    /// The database's and the cache's own sockets.
    private let sockets: [String]

    init(_ configuration: Configuration, _ site: SiteSettings) {
        var written = [site.storageRoot]
        var sockets: [String] = []
        switch site.database {
        // SQLite makes files beside its own.
        case .sqlite(let path): written.append(path.parentFolder)
        case .mariadb(let server), .postgresql(let server):
            // PostgreSQL's host is a folder where its socket is.
            sockets += [server.socket, server.host].compactMap(\.self).filter { $0.hasPrefix("/") }
        }
        switch site.cache {
        case .files(let folder): written.append(folder)
        case .redis(let server, _): sockets += [server.host].filter { $0.hasPrefix("/") }
        case .table, .none, .foreign: break
        }
        // The application writes to its logs and caches as it pleases.
        if configuration.cacheCommand != nil { written += [site.root + "/storage", site.root + "/bootstrap/cache"] }
        if let scratch = configuration.scratch { written.append(scratch) }
        // What is in a folder that systemd makes for the service is its own already.
        let made = [configuration.statusFile, configuration.socket, configuration.metricsFile].compactMap(\.self).map(Self.folder)
        written += made.filter { !$0.hasPrefix("/run/transcoder") }
        self.written = written.reduce(into: []) { all, path in
            if !all.contains(path) { all.append(path) }
        }
        read = [site.root, site.storageRoot]
        self.sockets = sockets
    }

    /// Whether any of them is in one of these folders, wherever a link leads.
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
