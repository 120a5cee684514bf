import Foundation

/// The configuration cached by `php artisan config:cache` in `bootstrap/cache/config.php`, which Fresns also writes when its
/// cache is cleared: while it exists, the application ignores the `.env`. So do we: its values replace those of the `.env`.
public enum CachedConfiguration {
    public enum State: Sendable, Equatable {
        /// There is none: the `.env` applies.
        case none
        /// It applies. `differing`: names in the `.env` with other values, which have no effect.
        case rules(differing: [String])
        /// It cannot be read, although the application uses it: a sentence. We use the `.env`.
        case unreadable(String)
    }

    struct Failure: Error {
        var why: String
    }

    static let name = "bootstrap/cache/config.php"

    /// nil if there is none.
    static func read(siteFolder root: String) -> Result<PHPArray?, Failure> {
        let path = root + "/" + name
        guard access(path, F_OK) == 0 || errno != ENOENT else { return .success(nil) }
        guard let text = try? String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8) else {
            return .failure(Failure(why: "This user (\(geteuid())) cannot read \(path), which overrides the site's .env."))
        }
        do {
            return .success(try PHPArray(text))
        } catch {
            return .failure(Failure(why: "\(path), line \(error.line), cannot be parsed, but overrides the site's .env."))
        }
    }
}

extension EnvironmentFile {
    /// Replaces the `.env`'s values with those of the cached configuration.
    mutating func overrule(by cached: Result<PHPArray?, CachedConfiguration.Failure>) -> CachedConfiguration.State {
        let configuration: PHPArray
        switch cached {
        case .success(nil): return .none
        case .success(let some?): configuration = some
        case .failure(let failure): return .unreadable(failure.why)
        }
        var differing: [String] = []
        for (names, value) in Self.meanings(of: configuration) {
            // If a setting has several names, use the one in the file.
            let name = names.first { values[$0] != nil } ?? names[0]
            if let said = filled(name), said != value ?? "" { differing.append(name) }
            for name in names { set(name, value) }
        }
        return .rules(differing: differing.sorted())
    }

    /// Names of the `.env`, with the cached values; nil: not set.
    private static func meanings(of configuration: PHPArray) -> [(names: [String], value: String?)] {
        var all: [(names: [String], value: String?)] = []
        func add(_ names: [String], _ path: [String]) {
            switch configuration.at(path) {
            case .text(let text)?: all.append((names, text))
            case .null?: all.append((names, nil))
            default: break
            }
        }
        add(["APP_NAME"], ["app", "name"])
        add(["APP_URL"], ["app", "url"])
        add(["APP_TIMEZONE", "DB_TIMEZONE"], ["app", "timezone"])

        add(["DB_CONNECTION"], ["database", "default"])
        if let connection = configuration["database", "default"] {
            let place = ["database", "connections", connection]
            for (names, key) in [
                (["DB_URL", "DATABASE_URL"], "url"), (["DB_HOST"], "host"), (["DB_PORT"], "port"), (["DB_DATABASE"], "database"),
                (["DB_USERNAME"], "username"), (["DB_PASSWORD"], "password"), (["DB_SOCKET"], "unix_socket"),
                (["DB_PREFIX"], "prefix"), (["DB_SSLMODE"], "sslmode"),
            ] { add(names, place + [key]) }
            // The keys are PDO's constants; unset options are missing from the list.
            if configuration.at(place + ["options"]) != nil {
                let authority = configuration.at(place + ["options", "1009"])
                var path: String?
                if case .text(let text)? = authority { path = text }
                all.append((["MYSQL_ATTR_SSL_CA"], path))
            }
        }

        add(["CACHE_STORE", "CACHE_DRIVER"], ["cache", "default"])
        add(["CACHE_PREFIX"], ["cache", "prefix"])
        add(["DB_CACHE_TABLE"], ["cache", "stores", "database", "table"])
        add(["DB_CACHE_CONNECTION"], ["cache", "stores", "database", "connection"])
        add(["REDIS_PREFIX"], ["database", "redis", "options", "prefix"])
        add(["REDIS_CACHE_CONNECTION"], ["cache", "stores", "redis", "connection"])
        let connection = configuration["cache", "stores", "redis", "connection"] ?? "cache"
        for (name, key) in [
            ("REDIS_URL", "url"), ("REDIS_HOST", "host"), ("REDIS_USERNAME", "username"), ("REDIS_PASSWORD", "password"),
            ("REDIS_PORT", "port"), (connection == "default" ? "REDIS_DB" : "REDIS_CACHE_DB", "database"),
        ] { add([name], ["database", "redis", connection, key]) }
        return all
    }

    /// The application's time zone setting: `DB_TIMEZONE` in v2, `APP_TIMEZONE` in v3. Its own code tells which;
    /// an upgraded `.env` may have both.
    func timeZoneKey(siteFolder root: String) -> String {
        let keys = ["APP_TIMEZONE", "DB_TIMEZONE"]
        if let code = try? String(contentsOf: URL(fileURLWithPath: root + "/config/app.php"), encoding: .utf8),
            let place = code.range(of: "'timezone'"),
            let line = code[place.upperBound...].split(separator: "\n", maxSplits: 1).first,
            let key = keys.first(where: { line.contains("'\($0)'") })
        {
            return key
        }
        return keys.first { filled($0) != nil } ?? keys[0]
    }
}
