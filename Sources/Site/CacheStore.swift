import Foundation

/// The application's cache store, according to its `.env`. A value.
public enum CacheStore: Sendable, Equatable {
    /// Laravel's file store: a folder. It has no prefix.
    case files(folder: String)
    /// A table of the site's own database, named without the tables' prefix. `prefixes`: of the keys.
    case table(name: String, prefixes: [String])
    /// `prefixes`: of the keys, including the connection's.
    case redis(RedisServer, prefixes: [String])
    /// Nothing outlives a request: there is nothing to delete.
    case none
    /// An unsupported store: its setting, as in `CACHE_STORE=memcached`.
    case foreign(setting: String)

    /// Laravel's default file store.
    static func usual(root: String) -> CacheStore { .files(folder: root + "/storage/framework/cache/data") }

    init(_ environment: EnvironmentFile, root: String) {
        // CACHE_DRIVER is the name before Laravel 11.
        let (key, name) = ["CACHE_STORE", "CACHE_DRIVER"].lazy
            .compactMap { key in environment.filled(key).map { (key, $0) } }.first ?? ("CACHE_STORE", "file")
        let prefixes = Self.prefixes(environment, "CACHE_PREFIX", word: "cache")
        switch name {
        case "file": self = .usual(root: root)
        case "array", "null": self = .none
        case "database":
            if let other = environment.filled("DB_CACHE_CONNECTION"), other != environment.filled("DB_CONNECTION") ?? "sqlite" {
                self = .foreign(setting: "DB_CACHE_CONNECTION=\(other)")
            } else {
                self = .table(name: environment.filled("DB_CACHE_TABLE") ?? "cache", prefixes: prefixes)
            }
        case "redis":
            switch RedisServer.read(environment) {
            case .success(let server):
                let outer = Self.prefixes(environment, "REDIS_PREFIX", word: "database")
                self = .redis(server, prefixes: outer.flatMap { outer in prefixes.map { outer + $0 } })
            case .failure(let unusual): self = .foreign(setting: unusual.setting)
            }
        default: self = .foreign(setting: "\(key)=\(name)")
        }
    }

    /// The configured prefix; otherwise the defaults of Fresns' versions: a fixed name, and the application's name with `_` or `-`.
    private static func prefixes(_ environment: EnvironmentFile, _ key: String, word: String) -> [String] {
        if let set = environment[key] { return [set] }
        let name = environment["APP_NAME"] ?? "fresns"
        var all: [String] = []
        for prefix in [
            "fresns_\(word)_", slug(name, separator: "_") + "_\(word)_", slug(name, separator: "-") + "-\(word)-",
        ] where !all.contains(prefix) { all.append(prefix) }
        return all
    }

    /// Laravel's `Str::slug`, for names in Latin letters; other characters are dropped.
    static func slug(_ text: String, separator: Character) -> String {
        let plain = text.replacingOccurrences(of: "@", with: "\(separator)at\(separator)")
            .folding(options: .diacriticInsensitive, locale: nil).lowercased()
        let words = plain.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0.isWhitespace || $0 == "_" || $0 == "-") }
            .split { !$0.isLetter && !$0.isNumber }
        return words.joined(separator: String(separator))
    }
}

extension EnvironmentFile {
    /// The value of a name; also nil if empty.
    func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
