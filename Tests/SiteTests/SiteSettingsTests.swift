import Foundation
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite struct SiteSettingsTests {
    private func read(_ environment: String?, files: [String] = []) throws -> SiteSettings {
        let folder = FileManager.default.temporaryDirectory.path + "/settings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in files {
            let path = URL(fileURLWithPath: folder + "/" + file)
            try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: path)
        }
        if let environment { try Data(environment.utf8).write(to: URL(fileURLWithPath: folder + "/.env")) }
        var settings = try SiteSettings.read(siteFolder: folder + "/")
        #expect(settings.root == folder)
        settings.root = "ROOT"
        if case .files(let path) = settings.cache { settings.cache = .files(folder: path.replacingOccurrences(of: folder, with: "ROOT")) }
        settings.storageRoot = settings.storageRoot.replacingOccurrences(of: folder, with: "ROOT")
        if case .sqlite(let path) = settings.database {
            settings.database = .sqlite(path: path.replacingOccurrences(of: folder, with: "ROOT"))
        }
        return settings
    }

    @Test func everythingIsRead() throws {
        let settings = try read(
            """
            APP_URL="https://example.org/"
            APP_TIMEZONE=Europe/Berlin
            DB_CONNECTION=sqlite
            DB_DATABASE=/srv/data.sqlite
            DB_PREFIX=fs_
            CACHE_STORE=database
            CACHE_PREFIX=fresns_cache_
            """)
        #expect(
            settings
                == SiteSettings(
                    root: "ROOT", database: .sqlite(path: "/srv/data.sqlite"), prefix: "fs_", timeZone: "Europe/Berlin",
                    storageRoot: "ROOT/storage/app/public", appURL: "https://example.org",
                    cache: .table(name: "cache", prefixes: ["fresns_cache_"])))
    }

    @Test func whatIsNotSaidIsAsLaravelHasIt() throws {
        #expect(
            try read("")
                == SiteSettings(
                    root: "ROOT", database: .sqlite(path: "ROOT/database/database.sqlite"), prefix: "", timeZone: "UTC",
                    storageRoot: "ROOT/storage/app/public", appURL: "http://localhost",
                    cache: .files(folder: "ROOT/storage/framework/cache/data")))
        #expect(try read("DB_DATABASE=\nAPP_TIMEZONE=\nAPP_URL=\n") == read(""))
    }

    @Test(arguments: [
        (["data/site.sqlite"], "ROOT/data/site.sqlite"), (["public/data/site.sqlite"], "ROOT/public/data/site.sqlite"),
        (["data/site.sqlite", "public/data/site.sqlite"], "ROOT/data/site.sqlite"), ([], "ROOT/data/site.sqlite"),
    ])
    func aRelativeDatabaseIsFound(files: [String], path: String) throws {
        #expect(try read("DB_DATABASE=data/site.sqlite", files: files).database == .sqlite(path: path))
    }

    @Test(arguments: [
        ("DB_CONNECTION=mysql", DatabaseLocation.mariadb(ServerLogin(port: 3306, database: "fresns", user: "root", encryption: .off))),
        (
            "DB_CONNECTION=mariadb\nDB_HOST=db.example\nDB_PORT=3307\nDB_DATABASE=site\nDB_USERNAME=me\nDB_PASSWORD='pass word'",
            .mariadb(ServerLogin(host: "db.example", port: 3307, database: "site", user: "me", password: SQLPassword("pass word")))
        ),
        (
            "DB_CONNECTION=mysql\nDB_SOCKET=/run/x.sock\nMYSQL_ATTR_SSL_CA=/etc/ca.pem",
            .mariadb(
                ServerLogin(
                    port: 3306, socket: "/run/x.sock", database: "fresns", user: "root",
                    encryption: .host(authority: "/etc/ca.pem")))
        ),
        ("DB_CONNECTION=pgsql\nDB_PASSWORD=null", .postgresql(ServerLogin(port: 5432, database: "fresns", user: "root"))),
        (
            "DB_CONNECTION=pgsql\nDB_HOST=/run/postgresql\nDB_SSLMODE=verify-ca\nDB_DATABASE=\nDB_SOCKET=/ignored",
            .postgresql(
                ServerLogin(
                    host: "/run/postgresql", port: 5432, database: "fresns", user: "root", encryption: .authority(nil)))
        ),
        (
            "DB_CONNECTION=mysql\nDB_PASSWORD=kept\nDB_URL=postgres://u@h/d?sslmode=require",
            .postgresql(
                ServerLogin(
                    host: "h", port: 5432, database: "d", user: "u", password: SQLPassword("kept"), encryption: .required))
        ),
        ("DB_URL=sqlite:////srv/a.sqlite", .sqlite(path: "/srv/a.sqlite")),
    ])
    func serversAreAsLaravelHasThem(environment: String, location: DatabaseLocation) throws {
        #expect(try read(environment).database == location)
    }

    @Test func whatCannotBeIsNamed() {
        func expect(_ environment: String?, _ words: String...) {
            #expect {
                try read(environment)
            } throws: { error in
                let sentence = String(describing: error)
                return error is SiteError && words.allSatisfy { sentence.contains($0) } && sentence.hasSuffix(".")
            }
        }
        expect(nil, "/.env", "does not exist")
        expect("A=b c", "/.env, line 1", "quotes")
        expect("DB_CONNECTION=sqlsrv", "sqlsrv", "pgsql")
        expect("DB_URL=sqlsrv://root:secret@host/db", "DB_URL")
        expect("DB_CONNECTION=mysql\nDB_PORT=0", "DB_PORT")
        expect("DB_CONNECTION=pgsql\nDB_SSLMODE=maybe", "DB_SSLMODE", "verify-full")
        expect("APP_TIMEZONE=Mars/Olympus", "APP_TIMEZONE")
    }
}

@Suite struct SiteOpeningTests {
    private func sentence(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            return error is SiteError ? String(describing: error) : "another error: \(error)"
        }
    }

    @Test(arguments: TestSite.kinds)
    func fresnsIsRecognised(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        #expect(test.site.schema.hasVersion2Columns == (kind.edition == .v2))
        #expect(test.site.schema.messagesNameFiles && test.site.schema.hasConfigs)
        #expect(test.site.settings.prefix == kind.prefix)
    }

    @Test func aMissingDatabaseIsNamedAndNotMade() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/none-\(UUID().uuidString).sqlite"
        let message = await sentence { _ = try await Site.open(SiteSettings(root: "/", database: .sqlite(path: path))) }
        #expect(message == "There is no database at \(path).")
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whatIsNoDatabaseIsNamed() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/text-\(UUID().uuidString).sqlite"
        try Data(String(repeating: "hello ", count: 200).utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let message = await sentence { _ = try await Site.open(SiteSettings(root: "/", database: .sqlite(path: path))) }
        #expect(message.contains(path) && message.contains("not a database"))
    }

    @Test(arguments: TestSite.databases)
    func aDatabaseOfSomethingElseIsNamed(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        try await test.run("DROP TABLE {file_usages}")
        try await test.run("DROP INDEX {transcoder_files_original}\(database == .mariadb ? " ON {files}" : "")")
        try await test.run("ALTER TABLE {files} DROP COLUMN original_path")
        let message = await sentence { _ = try await test.another() }
        #expect(message.contains("is not a Fresns database"))
        #expect(message.contains("table fs_file_usages") && message.contains("column fs_files.original_path"))
    }

    @Test(arguments: [("fs_", "", "have the prefix fs_"), ("", "fs_", "have no prefix"), ("fs_", "x_", "have the prefix fs_")])
    func aWrongPrefixIsGuessed(real: String, stated: String, hint: String) async throws {
        let test = try await TestSite(.init(prefix: real))
        var settings = test.site.settings
        settings.prefix = stated
        let wrong = settings
        let message = await sentence { _ = try await Site.open(wrong) }
        #expect(message.contains("table \(stated)files") && message.contains(hint))
    }

    // MARK: our table

    @Test(arguments: TestSite.kinds)
    func preparingIsDoneOnce(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        try await test.run("DROP TABLE {transcoder_jobs}")
        try await test.run("DROP INDEX {transcoder_files_waiting}\(kind.database == .mariadb ? " ON {files}" : "")")
        let planned = try await test.site.prepare(dryRun: true)
        #expect(planned.first?.hasPrefix("CREATE TABLE") == true && planned.count == 7)
        #expect(planned.allSatisfy { $0.contains(kind.prefix + "transcoder_") })
        // MySQL knows no such words of an index.
        #expect(planned.filter { $0.hasPrefix("CREATE INDEX") && !$0.contains("IF NOT EXISTS") }.count == 6)
        #expect(try await test.site.database.columns(of: kind.prefix + "transcoder_jobs") == nil)
        #expect(try await test.site.prepare() == planned)
        #expect(try await test.site.prepare() == [])
    }

    /// Workers that begin at once are all told that nothing is there, and all make it.
    @Test(arguments: TestSite.databases)
    func preparingAtOnceIsNoQuarrel(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        try await test.run("DROP TABLE {transcoder_jobs}")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let site = try await test.another()
                    _ = try await site.prepare()
                    await site.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try await test.site.prepare() == [])
    }

    /// The table of an older version gets what it lacks and keeps what it holds.
    @Test(arguments: TestSite.databases)
    func anOlderTableIsExtended(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        _ = try await test.claim(file)
        try await test.run("ALTER TABLE {transcoder_jobs} DROP COLUMN detail")
        #expect(try await test.site.prepare().map { $0.contains("ADD COLUMN") } == [true])
        #expect(try await test.site.job(of: file.id)?.token == 1)
    }

    /// `init` tells how many wait before it has made anything.
    @Test(arguments: TestSite.databases)
    func theBacklogNeedsNoTableOfOurs(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        _ = try await test.post()
        try await test.run("DROP TABLE {transcoder_jobs}")
        #expect(try await test.site.backlog() == 1)
    }
}
