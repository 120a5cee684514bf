import Foundation

/// A site's settings from its `.env`. A value; the configuration may override every field.
public struct SiteSettings: Sendable, Equatable {
    /// The site's folder, absolute.
    public var root: String
    public var database: DatabaseLocation
    /// The prefix of every table; empty or, by the installer's default, `fs_`.
    public var prefix: String
    /// The application's time zone: the tables' timestamps have no zone and use this one.
    public var timeZone: String
    /// The local disk's root, which `files.path` is relative to.
    public var storageRoot: String
    /// `APP_URL`, without a trailing slash.
    public var appURL: String
    /// Where the application caches the details of posts, comments and files.
    public var cache: CacheStore
    /// The application's cached configuration, which overrides its `.env`.
    public var cachedConfiguration = CachedConfiguration.State.none
    /// The worker's own configuration names the endpoint of buckets.
    public var hasEndpoint = false

    public init(
        root: String, database: DatabaseLocation, prefix: String = "", timeZone: String = "UTC",
        storageRoot: String? = nil, appURL: String = "http://localhost", cache: CacheStore? = nil
    ) {
        self.root = root
        self.database = database
        self.prefix = prefix
        self.timeZone = timeZone
        self.storageRoot = storageRoot ?? root + "/storage/app/public"
        self.appURL = appURL
        self.cache = cache ?? .usual(root: root)
    }

    /// Reads the `.env` in a site's folder, with Laravel's and Fresns' defaults for missing values.
    public static func read(siteFolder: String) throws(SiteError) -> SiteSettings {
        let root = absolute(siteFolder)
        let path = root + "/.env"
        let text: String
        do {
            text = try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
        } catch {
            guard FileManager.default.fileExists(atPath: path) else { throw .environmentMissing(path: path) }
            throw .noEnvironment(path: path, why: "it is not readable")
        }
        var environment: EnvironmentFile
        do {
            environment = try EnvironmentFile(text)
        } catch {
            throw .badEnvironment(path: path, line: error.line, why: error.why)
        }
        let cached = CachedConfiguration.read(siteFolder: root)
        let state = environment.overrule(by: cached)
        let zoneKey = environment.timeZoneKey(siteFolder: root)
        let zone = environment[zoneKey] ?? ""
        var settings = SiteSettings(
            root: root, database: try DatabaseLocation(environment, path: path, root: root),
            prefix: environment["DB_PREFIX"] ?? "", timeZone: zone.isEmpty ? "UTC" : zone)
        guard TimeZone(identifier: settings.timeZone) != nil else {
            throw .unknownTimeZone(settings.timeZone, key: zoneKey)
        }
        settings.cachedConfiguration = state
        if case .success(let configuration?) = cached {
            if let folder = configuration["filesystems", "disks", "public", "root"], folder.hasPrefix("/") {
                settings.storageRoot = folder
            }
        }
        if var address = environment["APP_URL"], !address.isEmpty {
            while address.hasSuffix("/") { address.removeLast() }
            settings.appURL = address
        }
        settings.cache = CacheStore(environment, root: root)
        if case .files = settings.cache, case .success(let configuration?) = cached,
            let folder = configuration["cache", "stores", "file", "path"], folder.hasPrefix("/")
        {
            settings.cache = .files(folder: folder)
        }
        return settings
    }

    private static func absolute(_ path: String) -> String {
        var path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
