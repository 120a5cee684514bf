import Foundation
import SQL
import Testing

@testable import Site

/// What `php artisan config:cache` leaves goes before the `.env`.
@Suite struct PHPArrayTests {
    @Test func whatLaravelWritesIsRead() throws {
        let array = try PHPArray(
            #"""
            <?php return array (
              'app' => 
              array (
                'name' => 'It\'s a \\ site',
                'debug' => false,
                'url' => 'https://demo.example',
                'key' => NULL,
                'nothing' => '',
                'bytes' => '' . "\0" . 'x',
                'providers' => 
                array (
                  0 => 'Illuminate\\Auth\\AuthServiceProvider',
                  1 => 'B',
                ),
                'made' => 
                Some\Thing::__set_state(array(
                   'secret' => 'a)b',
                )),
                'object' => 
                (object) array(
                   'a' => 1,
                ),
                'constant' => PHP_INT_MAX,
              ),
              'numbers' => 
              array (
                1009 => '/ca.pem',
                -1 => -2,
                2 => 0.5,
              ),
            );
            """#)
        #expect(array["app", "name"] == #"It's a \ site"# && array["app", "url"] == "https://demo.example")
        #expect(array.at(["app", "key"]) == .null && array.at(["app", "debug"]) == .boolean(false) && array["app", "nothing"] == "")
        #expect(array["app", "providers", "1"] == "B" && array["app", "bytes"] == "\0x")
        #expect(array.at(["app", "made"]) == .other && array.at(["app", "object"]) == .other && array.at(["app", "constant"]) == .other)
        #expect(array["numbers", "1009"] == "/ca.pem" && array["numbers", "-1"] == "-2" && array["numbers", "2"] == "0.5")
        #expect(array["app", "name", "deeper"] == nil && array["nowhere"] == nil && array["app"] == nil)
        #expect(try PHPArray("<?php\n// made by hand\nreturn ['a' => ['b', 'c'], /* x */ 'd' => \"e\"] ;")["a", "1"] == "c")
    }

    @Test(arguments: [
        ("", 1), ("<?php\nreturn 'secret';", 2), ("<?php return array (\n'a' => 'secret", 2), ("<?php return [\n\n'a' 'secret']", 3),
        ("<?php return ['a' => 'secret' . secret()]", 1), ("<?php echo 'secret';", 1), ("<?php return ['a' => (", 1),
        ("<?php return " + String(repeating: "[", count: 100_000), 1), ("<?php return [[] => 1]", 1), ("<?php return [1 =>", 1),
    ])
    func whatIsSomethingElseIsRefusedByItsPlace(text: String, line: Int) {
        let failure = #expect(throws: PHPArray.Failure.self) { try PHPArray(text) }
        #expect(failure?.line == line && failure.map { !"\($0)".contains("secret") } == true)
    }
}

@Suite struct CachedConfigurationTests {
    /// A site's folder with an `.env`, and a cached configuration.
    private func read(_ environment: String, cached: String? = nil, code: String? = nil) throws -> SiteSettings {
        let root = FileManager.default.temporaryDirectory.path + "/cached-\(UUID())"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for folder in ["bootstrap/cache", "config"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
        }
        try Data(environment.utf8).write(to: URL(filePath: root + "/.env"))
        if let cached { try Data(cached.utf8).write(to: URL(filePath: root + "/bootstrap/cache/config.php")) }
        if let code { try Data(code.utf8).write(to: URL(filePath: root + "/config/app.php")) }
        return try SiteSettings.read(siteFolder: root)
    }

    private let environment = """
        APP_URL=https://old.example
        APP_TIMEZONE=Asia/Singapore
        DB_CONNECTION=mysql
        DB_HOST=old.example
        DB_PORT=3307
        DB_PREFIX=old_
        DB_PASSWORD=old-secret
        CACHE_STORE=file
        """
    private let cached = """
        <?php return array (
          'app' => array ('name' => 'Fresns', 'url' => 'https://new.example', 'timezone' => 'Europe/Berlin'),
          'cache' => array ('default' => 'redis', 'prefix' => 'c_', 'stores' => array (
            'redis' => array ('driver' => 'redis', 'connection' => 'cache'))),
          'database' => array ('default' => 'pgsql', 'connections' => array ('pgsql' => array (
            'driver' => 'pgsql', 'url' => NULL, 'host' => 'db.example', 'port' => '5433', 'database' => 'site', 'username' => 'worker',
            'password' => 'new-secret', 'prefix' => 'fs_', 'sslmode' => 'prefer')),
            'redis' => array ('client' => 'phpredis', 'options' => array ('prefix' => 'r_'),
              'cache' => array ('url' => NULL, 'host' => 'redis.example', 'password' => NULL, 'port' => '6380', 'database' => '2'))),
          'filesystems' => array ('disks' => array ('public' => array ('root' => '/srv/media'))),
        );
        """

    @Test func itGoesBeforeTheEnvironment() throws {
        let settings = try read(environment, cached: cached)
        #expect(settings.appURL == "https://new.example" && settings.timeZone == "Europe/Berlin" && settings.prefix == "fs_")
        guard case .postgresql(let server) = settings.database else { throw NotPostgreSQL() }
        #expect(server.host == "db.example" && server.port == 5433 && server.database == "site" && server.user == "worker")
        #expect(settings.storageRoot == "/srv/media")
        #expect(settings.cache == .redis(RedisServer(host: "redis.example", port: 6380, database: 2), prefixes: ["r_c_"]))
        #expect(
            settings.cachedConfiguration == .rules(differing: [
                "APP_TIMEZONE", "APP_URL", "CACHE_STORE", "DB_CONNECTION", "DB_HOST", "DB_PASSWORD", "DB_PORT", "DB_PREFIX",
            ]))
        #expect(!"\(settings.cachedConfiguration)".contains("secret"))
        let same = try read("APP_URL=https://new.example\nDB_HOST=db.example", cached: cached)
        #expect(same.cachedConfiguration == .rules(differing: []))
        #expect(try read(environment).cachedConfiguration == .none)
    }

    struct NotPostgreSQL: Error {}

    @Test func oneThatCannotBeReadIsNamed() throws {
        let settings = try read(environment, cached: "<?php\nreturn array ('a' => 'secret")
        #expect(settings.appURL == "https://old.example" && settings.prefix == "old_")
        guard case .unreadable(let why) = settings.cachedConfiguration else { throw NotPostgreSQL() }
        #expect(why.contains("bootstrap/cache/config.php, line 2") && !why.contains("secret"), "\(why)")
    }

    /// v2 goes by `DB_TIMEZONE`, v3 by `APP_TIMEZONE`, whatever else is left in the `.env`: each one's own code says so.
    @Test func theTimeZoneIsTheOneThatTheApplicationTakes() throws {
        func code(_ key: String) -> String { "<?php\nreturn [\n    'name' => 'x',\n    'timezone' => env('\(key)', 'UTC'),\n];\n" }
        let both = "APP_TIMEZONE=Asia/Tokyo\nDB_TIMEZONE=Asia/Singapore"
        #expect(try read(both, code: code("DB_TIMEZONE")).timeZone == "Asia/Singapore")
        #expect(try read(both, code: code("APP_TIMEZONE")).timeZone == "Asia/Tokyo")
        #expect(try read("DB_TIMEZONE=Asia/Singapore", code: code("APP_TIMEZONE")).timeZone == "UTC")
        #expect(try read("DB_TIMEZONE=Asia/Singapore").timeZone == "Asia/Singapore")
        #expect(try read("APP_TIMEZONE=Asia/Tokyo").timeZone == "Asia/Tokyo" && read("").timeZone == "UTC")
        #expect(try read("APP_TIMEZONE=\nDB_TIMEZONE=Asia/Singapore").timeZone == "Asia/Singapore")
        let error = #expect(throws: SiteError.self) { try read("DB_TIMEZONE=Atlantis/Poseidon") }
        #expect(error?.description == "The site's DB_TIMEZONE is not a time zone.")
    }
}
