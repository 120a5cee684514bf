import Foundation
import SQL
import SiteFixture
import Testing

/// What `transcoder doctor` says of a site: its `.env`, its database, its clock and its cache. Each mistake is made on purpose.
@Suite(.serialized)
struct DoctorSiteTests {
    @Test(arguments: Workplace.databases)
    func aWrongTablePrefix(database: SQLDialect) async throws {
        try await Workplace.use(.init(prefix: "abc_", database: database)) { place in
            try place.site.setEnvironment("DB_PREFIX=fs_")
            try await place.doctor(
                "✗ site", "no table fs_files, no table fs_file_usages", "Its tables have the prefix abc_", "Fix DB_PREFIX", ends: 1)
        }
    }

    @Test func settingsThatCannotBeUsed() async throws {
        try await Workplace.use { place in
            try place.site.setEnvironment("APP_TIMEZONE=Atlantis/Poseidon")
            try await place.doctor("✗ site: The site's APP_TIMEZONE is not a time zone.", "Fix APP_TIMEZONE in the site's .env", ends: 1)
            try FileManager.default.removeItem(atPath: place.site.root + "/.env")
            try await place.doctor("✗ site", "\(place.site.root)/.env: it does not exist", "Set “site” to the folder", ends: 1)
        }
    }

    /// What `php artisan config:cache` left goes before the `.env`.
    @Test func aCachedConfiguration() async throws {
        try await Workplace.use { place in
            let folder = place.site.root + "/bootstrap/cache"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: folder + "/config.php")) }
            try write("<?php return array (\n  'app' => array ('url' => 'https://demo.example', 'key' => 'of-a-secret'),\n);")
            try await place.doctor("✓ settings: The site uses its cached configuration", ends: 0)
            try place.site.setEnvironment("APP_URL=https://new.example\nDB_PREFIX=new_of-a-secret_")
            try write(
                "<?php return array ('app' => array ('url' => 'https://demo.example'), 'database' => array ('default' => 'sqlite', "
                    + "'connections' => array ('sqlite' => array ('prefix' => 'fs_'))));")
            try await place.doctor("! settings: The site's cached configuration", "APP_URL, DB_PREFIX in the .env differ", ends: 0)
            try write("<?php return array (\n'of-a-secret")
            try place.site.setEnvironment("DB_PREFIX=fs_")
            try await place.doctor("! settings: ", "config.php, line 2", "php artisan config:clear", ends: 0)
        }
    }

    @Test func heChangesNothing() async throws {
        try await Workplace.use { place in
            func files() throws -> [String: Data] {
                let names = try FileManager.default.subpathsOfDirectory(atPath: place.folder)
                return names.reduce(into: [:]) { $0[$1] = FileManager.default.contents(atPath: place.folder + "/" + $1) ?? Data() }
            }
            for _ in 1...2 {
                let before = try files()
                try await place.doctor(ends: 0)
                #expect(try files() == before)
                // And with our table.
                try await place.untilIdle()
            }
        }
    }

    // MARK: rights

    /// A user as docs/databases.md has it, with one grant less at a time.
    @Test(arguments: Workplace.servers)
    func aGrantThatIsMissing(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            #expect(try await place.run("init", "--site", place.site.root).status == 0)
            let name = "worker_" + UUID().uuidString.prefix(8).lowercased()
            let user: Query = database == .mariadb ? "'\(sql: name)'@'%'" : "\(sql: name)"
            func run(_ sql: Query) async throws { try await place.site.database.define(sql) }
            try await run(database == .mariadb ? "CREATE USER \(user) IDENTIFIED BY 'of-a-secret'" : "CREATE ROLE \(user) LOGIN PASSWORD 'of-a-secret'")
            try place.configure("database: {user: \(name), password: of-a-secret}")
            let grants = [
                "files": ["SELECT", "UPDATE"], "file_usages": ["SELECT"], "configs": ["SELECT"], "conversation_messages": ["SELECT"],
                "posts": ["SELECT"], "comments": ["SELECT"],
                "transcoder_jobs": ["SELECT", "INSERT", "UPDATE", "DELETE"],
            ]
            for (table, verbs) in grants {
                try await run("GRANT \(sql: verbs.joined(separator: ", ")) ON \(place.site.table(table)) TO \(user)")
            }
            #expect(try await !place.doctor(ends: 0).contains("lacks rights"))
            for (table, verbs) in grants {
                for verb in verbs {
                    let name = place.site.tableName(table)
                    try await run("REVOKE \(sql: verb) ON \(sql: name) FROM \(user)")
                    // Without any right the table is not even seen.
                    if database == .mariadb, table == "file_usages" {
                        try await place.doctor("✗ site", "no table \(name)", "docs/databases.md says what to grant", ends: 1)
                    } else {
                        try await place.doctor(
                            "✗ rights: The database user lacks rights: \(verb) on \(name).", "what to grant", ends: 1)
                    }
                    try await run("GRANT \(sql: verb) ON \(sql: name) TO \(user)")
                }
            }
            try await run(database == .mariadb ? "DROP USER \(user)" : "DROP OWNED BY \(user)")
            if database == .postgresql { try await run("DROP ROLE \(user)") }
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aDatabaseFileThatMayNotBeWritten() async throws {
        try await Workplace.use { place in
            try await place.untilIdle()
            let path = place.site.databasePath
            try await place.doctor(
                "✗ database", "✗ rights: This user (65534) lacks permissions: writing \(path); creating the journal in",
                "as PHP's user", ends: 1, as: .nobody)
            // Its own file in somebody else's folder.
            #expect(chown(path, Patient.nobodysNumber, Patient.nobodysNumber) == 0)
            try await place.doctor(
                "✗ rights: This user (65534) lacks permissions: creating the journal in \(place.site.root)/database.", ends: 1, as: .nobody)
            #expect(chown(place.site.root + "/database", Patient.nobodysNumber, Patient.nobodysNumber) == 0)
            #expect(try await !place.doctor(as: .nobody).contains("✗ rights"))
        }
    }

    // MARK: clocks

    @Test func uploadsInTheFuture() async throws {
        try await Workplace.use { place in
            _ = try await place.publish("tune.mp3")
            try await place.doctor("✓ clock", ends: 0)
            try place.site.setEnvironment("APP_TIMEZONE=UTC")
            try await place.doctor(
                "! clock: The last upload is 7:59:", "in the future if the site's times are in UTC", "Check that the application uses the APP_TIMEZONE (in v2 DB_TIMEZONE) of the .env",
                ends: 0)
        }
    }

    /// By libfaketime: SQLite's clock is ours, a server's is its own.
    @Test(arguments: Workplace.servers)
    func aDatabaseWithAnotherClock(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            for (shift, words) in [("-1h", "ahead of this machine's"), ("+1h", "behind this machine's")] {
                let said = try await place.doctor(
                    "! clock: The database's clock is", words, "NTP", ends: 0, by: ["faketime", "-f", shift],
                    environment: ["DONT_FAKE_MONOTONIC": "1"])
                #expect(said.contains(#/is (1:00:0\d|0:59:5\d) (ahead|behind)/#), "\(said)")
            }
            try await place.doctor("✓ clock", ends: 0)
        }
    }

    // MARK: what Fresns does with the files

    @Test(arguments: ["video_transcode_handle_position", "video_poster_handle_position", "audio_transcode_handle_position"])
    func addressesThatAreRewritten(key: String) async throws {
        try await Workplace.use { place in
            #expect(try await !place.doctor(ends: 0).contains("! addresses"))
            try await place.set(key, "path-end")
            let said = try await place.doctor("! addresses: \(key) is set", "Clear it in the Fresns admin panel", ends: 0)
            #expect(said.components(separatedBy: "! addresses").count == 2, "\(said)")
        }
    }

    @Test(arguments: ["video", "audio"]) func aDiskThatIsElsewhere(kind: String) async throws {
        try await Workplace.use { place in
            try await place.set("\(kind)_filesystem_disk", "remote")
            let said = try await place.doctor("! disk: \(kind)_filesystem_disk is “remote”", "storage service's own transcoding", ends: 0)
            #expect(said.components(separatedBy: "! disk").count == 2, "\(said)")
        }
    }

    // MARK: the cache

    @Test func aRedisThatCannotBeReached() async throws {
        try await Workplace.use { place in
            func told(_ port: UInt16) async throws {
                try place.site.setEnvironment("CACHE_STORE=redis\nREDIS_HOST=127.0.0.1\nREDIS_PORT=\(port)\nREDIS_PASSWORD=of-a-secret")
                try await place.doctor("! cache: ", "127.0.0.1:\(port)", "Fix REDIS_… in the site's .env, or set cache_command", ends: 0)
            }
            let silent = try SilentListener()
            try await told(silent.port)
            withExtendedLifetime(silent) {}
            try await told(try SilentListener().port)
        }
    }

    @Test func aCacheTableThatIsMissing() async throws {
        try await Workplace.use { place in
            try place.site.setEnvironment("CACHE_STORE=database")
            try await place.doctor(
                "! cache: The site caches in the table \(place.site.tableName("cache")), which does not exist", "Set cache_command", ends: 0)
            try await place.site.fillTableCache([])
            try await place.doctor("✓ cache", ends: 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aCacheFolderThatMayNotBeWritten() async throws {
        try await Workplace.use { place in
            try await place.doctor("✓ cache", ends: 0)
            try await place.doctor(
                "! cache: This user (65534) cannot write to \(place.site.cachePath)", "as the owner of the site's storage", as: .nobody)
        }
    }
}
