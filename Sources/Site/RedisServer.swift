import Foundation

/// The location of the site's Redis, with our login. Hides the password when printed.
public struct RedisServer: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A host name, an address, or the path of a Unix socket.
    public var host: String
    public var port: Int
    public var username: String?
    public var password: String?
    public var database: Int

    public init(host: String, port: Int = 6379, username: String? = nil, password: String? = nil, database: Int = 0) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
        self.database = database
    }

    public var description: String { "Redis at \(isSocket ? host : "\(host):\(port)"), database \(database)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    var isSocket: Bool { host.hasPrefix("/") }

    /// An unsupported setting; never contains a password.
    struct UnsupportedSetting: Error {
        var setting: String
    }

    /// As Laravel reads it for the connection of its cache.
    static func read(_ environment: EnvironmentFile) -> Result<RedisServer, UnsupportedSetting> {
        let database: String
        switch environment.filled("REDIS_CACHE_CONNECTION") ?? "cache" {
        case "cache": database = environment.filled("REDIS_CACHE_DB") ?? "1"
        case "default": database = environment.filled("REDIS_DB") ?? "0"
        case let other: return .failure(UnsupportedSetting(setting: "REDIS_CACHE_CONNECTION=\(other)"))
        }
        if let scheme = environment.filled("REDIS_SCHEME"), scheme != "tcp" {
            return .failure(UnsupportedSetting(setting: "REDIS_SCHEME=\(scheme)"))
        }
        var server = RedisServer(
            host: environment.filled("REDIS_HOST") ?? "127.0.0.1", username: environment.filled("REDIS_USERNAME"),
            password: environment.filled("REDIS_PASSWORD"))
        if let port = Int(environment.filled("REDIS_PORT") ?? "6379") { server.port = port }
        guard let number = Int(database), number >= 0 else { return .failure(UnsupportedSetting(setting: "REDIS_CACHE_DB=\(database)")) }
        server.database = number
        if let address = environment.filled("REDIS_URL") {
            guard server.read(address: address) else { return .failure(UnsupportedSetting(setting: "REDIS_URL")) }
        }
        for scheme in ["unix://", "tcp://"] where server.host.hasPrefix(scheme) {
            server.host.removeFirst(scheme.count)
        }
        guard !server.host.contains("://") else { return .failure(UnsupportedSetting(setting: "REDIS_HOST=\(server.host)")) }
        return .success(server)
    }

    /// `redis://user:password@host:port/database`, which overrides the other settings.
    private mutating func read(address: String) -> Bool {
        guard let parts = URLComponents(string: address), ["redis", "tcp"].contains(parts.scheme), let name = parts.host else {
            return false
        }
        host = name
        if let port = parts.port { self.port = port }
        if let user = parts.user, !user.isEmpty { username = user }
        if let password = parts.password, !password.isEmpty { self.password = password }
        if let number = Int(parts.path.dropFirst()) { database = number }
        return true
    }
}
