import Foundation
import Glibc
import Site
import SQL
import Testing
import TestSupport
@testable import Diagnostics
@testable import WorkerConfiguration

/// What `init` tells systemd of a site.
@Suite struct ServiceDropInTests {
    private let place = TemporaryFolder()
    private var systemFolder: String { place.path + "/system" }
    private let path = Configuration.defaultPath

    init() throws {
        try FileManager.default.createDirectory(atPath: systemFolder, withIntermediateDirectories: true)
    }

    private func site(_ database: DatabaseLocation, root: String? = nil, cache: CacheStore = .none) throws -> SiteSettings {
        let root = root ?? place.path + "/site"
        let settings = SiteSettings(
            root: root, database: database, storageRoot: place.path + "/site/storage/app/public", cache: cache)
        try FileManager.default.createDirectory(atPath: settings.storageRoot, withIntermediateDirectories: true)
        return settings
    }

    private func dropIn(
        _ site: SiteSettings, _ path: String = Configuration.defaultPath, _ change: (inout Configuration) -> Void = { _ in }
    ) throws -> ServiceDropIn? {
        var configuration = Configuration()
        change(&configuration)
        return try ServiceDropIn(configurationPath: path, configuration, site, systemFolder: systemFolder)
    }

    private func lines(_ dropIn: ServiceDropIn?) -> [String] { (dropIn?.text ?? "").split(separator: "\n").map(String.init) }

    @Test(arguments: [
        ("/etc/transcoder/transcoder.yaml", "transcoder", "/run/transcoder"),
        ("/etc/transcoder/blog.yaml", "transcoder@blog", "/run/transcoder-blog"),
        ("/etc/transcoder/my-blog_2.example.yaml", "transcoder@my-blog_2.example", "/run/transcoder-my-blog_2.example"),
    ])
    func aConfigurationHasItsUnit(path: String, name: String, folder: String) throws {
        let unit = try #require(ServiceUnit(configuration: path))
        #expect(unit.name == name && unit.runtimeFolder == folder)
        #expect(unit.isInstance == name.contains("@"))
    }

    @Test(arguments: [
        "/etc/transcoder.yaml", "/etc/transcoder/blog", "/etc/transcoder/.yaml", "/etc/transcoder/a b.yaml", "/etc/transcoder/a/b.yaml",
        "/etc/transcoder/-a.yaml", "/srv/transcoder.yaml", "transcoder.yaml",
    ])
    func othersHaveNone(path: String) { #expect(ServiceUnit(configuration: path) == nil) }

    @Test func itNamesTheOwnerAndWhatIsWritten() throws {
        let site = try site(.sqlite(path: "/srv/data base/100%/fresns.sqlite"), cache: .files(folder: "/srv/cache"))
        chown(site.storageRoot, 33, 33)
        let dropIn = try #require(try dropIn(site) { ($0.scratch, $0.metricsFile) = ("/srv/scratch", "/srv/numbers/a.prom") })
        let lines = lines(dropIn)
        #expect(dropIn.path == systemFolder + "/transcoder.service.d/site.conf")
        #expect(lines.contains("ReadWritePaths=-\(site.storageRoot)"))
        #expect(lines.contains(#"ReadWritePaths="-/srv/data base/100%%""#), "SQLite makes files beside its own")
        #expect(lines.contains("ReadWritePaths=-/srv/cache") && lines.contains("ReadWritePaths=-/srv/scratch"))
        #expect(lines.contains("ReadWritePaths=-/srv/numbers"))
        #expect(lines.contains("RequiresMountsFor=\(site.root) \(site.storageRoot)"))
        #expect(!lines.contains { $0.contains("/run/transcoder") || $0.hasPrefix("MemoryDenyWriteExecute") })
        if geteuid() == 0 { #expect(lines.contains("User=www-data") && lines.contains("Group=www-data")) }
    }

    /// Root has made the storage, and the site what is in it.
    @Test(.enabled(if: geteuid() == 0)) func theSitesUserCountsAndNotRoot() throws {
        let site = try site(.sqlite(path: "/srv/db"))
        #expect(try StorageOwner.of(storageRoot: site.storageRoot).isRoot)
        try FileManager.default.createDirectory(atPath: site.storageRoot + "/audios", withIntermediateDirectories: true)
        chown(site.storageRoot + "/audios", 33, 33)
        #expect(try StorageOwner.of(storageRoot: site.storageRoot) == StorageOwner(user: "www-data", group: "www-data", isKnown: true))
        chown(site.storageRoot, 54_321, 54_321)
        #expect(try StorageOwner.of(storageRoot: site.storageRoot) == StorageOwner(user: "54321", group: "54321", isKnown: false))
        #expect(throws: ConfigurationError.self) { try StorageOwner.of(storageRoot: place.path + "/none") }
    }

    @Test func foldersThatTheUnitHidesAreShown() throws {
        func location(socket: String?) -> DatabaseLocation {
            .mariadb(ServerLogin(host: "127.0.0.1", port: 3306, socket: socket, database: "fresns", user: "fresns"))
        }
        // The tests' own folder is in /tmp.
        let site = try site(location(socket: nil))
        #expect(lines(try dropIn(site)).contains("PrivateTmp=no"))
        var home = site
        home.root = "/home/anna/site"
        #expect(lines(try dropIn(home)).contains("ProtectHome=read-only"))
        var elsewhere = site
        (elsewhere.root, elsewhere.storageRoot) = ("/", "/var")
        #expect(!lines(try dropIn(elsewhere)).contains { $0.hasPrefix("PrivateTmp") || $0.hasPrefix("ProtectHome") })
        elsewhere.database = location(socket: "/tmp/mysql.sock")
        #expect(lines(try dropIn(elsewhere)).contains("PrivateTmp=no"))
    }

    @Test func aCommandOfTheSitesMayDoWhatPHPDoes() throws {
        let site = try site(.sqlite(path: "/srv/db/fresns"))
        let lines = lines(try dropIn(site) { $0.cacheCommand = ["php", "artisan"] })
        #expect(lines.contains("MemoryDenyWriteExecute=no"))
        #expect(lines.contains("ReadWritePaths=-\(site.root)/storage"))
    }

    @Test(.enabled(if: geteuid() == 0)) func itIsWrittenOnce() throws {
        let site = try site(.sqlite(path: "/srv/db/fresns"))
        let first = try #require(try dropIn(site))
        #expect(try first.write() == .written)
        #expect(try String(contentsOfFile: first.path, encoding: .utf8) == first.text)
        #expect(try FileManager.default.attributesOfItem(atPath: first.path)[.posixPermissions] as? NSNumber == 0o644)
        #expect(try dropIn(site)?.write() == .kept)
        #expect(try dropIn(site, path) { $0.scratch = "/srv/scratch" }?.write() == .replaced)
    }

    @Test func whereThereIsNoSystemdThereIsNoDropIn() throws {
        let site = try site(.sqlite(path: "/srv/db/fresns"))
        #expect(try dropIn(site, "/srv/transcoder.yaml") == nil)
        try FileManager.default.removeItem(atPath: systemFolder)
        #expect(try dropIn(site) == nil)
    }

    /// Two units, and one text but for the site's name.
    @Test func theUnitsAreAlike() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/systemd/"
        func settings(_ name: String) throws -> [String] {
            try String(contentsOfFile: folder + name, encoding: .utf8).split(separator: "\n").map(String.init)
                .filter { !$0.hasPrefix("#") && !$0.hasPrefix("Description=") }
        }
        let several = try settings("transcoder@.service")
        #expect(try settings("transcoder.service") == several.map {
            $0.replacing("/etc/transcoder/%i.yaml", with: path).replacing("transcoder-%i", with: "transcoder")
        })
    }
}
