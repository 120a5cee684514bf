import Foundation

/// A server's URL: `mariadb://user:password@host:port/database?option=value`.
public struct SQLServerAddress {
    public let dialect: SQLDialect
    /// Percent-decoded, like the rest.
    public var host: String?
    public var port: Int?
    public var user: String?
    public var password: SQLPassword?
    public var database: String?
    public var options: [String: String] = [:]

    /// Laravel's driver names, and older aliases.
    public static func dialect(of name: String) -> SQLDialect? {
        switch name.lowercased() {
        case "sqlite", "sqlite3": .sqlite
        case "mysql", "mysql2", "mariadb": .mariadb
        case "pgsql", "postgres", "postgresql": .postgresql
        default: nil
        }
    }

    /// nil if it is not such a URL. As in Laravel: the path's first slash is not part of the database name.
    public init?(_ text: String) {
        guard let end = text.range(of: "://"), let dialect = Self.dialect(of: String(text[..<end.lowerBound])) else { return nil }
        self.dialect = dialect
        if dialect == .sqlite {
            // Without a host: `sqlite:///name`, and `sqlite:////absolute/name`.
            var path = text[end.upperBound...]
            if let query = path.firstIndex(of: "?") { path = path[..<query] }
            guard path.hasPrefix("/") else { return nil }
            database = String(path.dropFirst()).removingPercentEncoding
            return
        }
        guard let url = URLComponents(string: text) else { return nil }
        host = url.host.flatMap { $0.isEmpty ? nil : $0.removingPercentEncoding }
        if let host, host.hasPrefix("["), host.hasSuffix("]") { self.host = String(host.dropFirst().dropLast()) }
        port = url.port
        user = url.user
        password = url.password.map(SQLPassword.init)
        database = url.path.count > 1 ? String(url.path.dropFirst()) : nil
        for item in url.queryItems ?? [] { options[item.name] = item.value }
    }
}

extension ServerLogin {
    /// Applies the parts of an address, and keeps the rest. Its options are those of Laravel: `unix_socket`, `sslmode`,
    /// `search_path`.
    public mutating func apply(_ address: SQLServerAddress) {
        if let named = address.host { host = named }
        if let named = address.port { port = named }
        if let named = address.user { user = named }
        if let named = address.password { password = named }
        if let named = address.database { database = named }
        if let path = address.options["unix_socket"], !path.isEmpty { socket = path }
        if let path = address.options["search_path"], !path.isEmpty { searchPath = path }
        if let mode = address.options["sslmode"].flatMap({ SQLEncryption(sslmode: $0) }) { encryption = mode }
    }
}

extension SQLEncryption {
    /// From libpq's keyword; nil if unknown.
    public init?(sslmode: String, authority: String? = nil) {
        switch sslmode {
        case "disable": self = .off
        case "allow", "prefer": self = .preferred
        case "require": self = .required
        case "verify-ca": self = .authority(authority)
        case "verify-full": self = .host(authority: authority)
        default: return nil
        }
    }
}
