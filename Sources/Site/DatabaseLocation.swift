import Foundation
public import SQL

/// The location of the site's database. May be printed: it hides the password.
public enum DatabaseLocation: Sendable, Equatable {
    case sqlite(path: String)
    case mariadb(ServerLogin)
    case postgresql(ServerLogin)

    /// For messages: never contains a password.
    public var name: String {
        switch self {
        case .sqlite(let path): path
        case .mariadb(let server), .postgresql(let server): server.name
        }
    }
}

extension DatabaseLocation {
    /// Replaces the application's user. False: the database has no users.
    public mutating func identify(as user: String, _ password: SQLPassword) -> Bool {
        func identified(_ server: ServerLogin) -> ServerLogin {
            var server = server
            (server.user, server.password) = (user, password)
            return server
        }
        switch self {
        case .sqlite: return false
        case .mariadb(let server): self = .mariadb(identified(server))
        case .postgresql(let server): self = .postgresql(identified(server))
        }
        return true
    }
}

/// As Laravel reads it: `DB_URL` takes precedence, and its scheme over `DB_CONNECTION`.
extension DatabaseLocation {
    /// - Parameters:
    ///   - path: of the `.env`, for messages.
    ///   - root: the site's folder.
    init(_ environment: EnvironmentFile, path: String, root: String) throws(SiteError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        // DATABASE_URL is the name before Laravel 11.
        let text = value("DB_URL") ?? value("DATABASE_URL")
        let address = text.flatMap(SQLServerAddress.init)
        if text != nil, address == nil {
            throw .badSetting(path: path, key: "DB_URL", why: "is not a database URL that transcoder supports")
        }
        let connection = environment["DB_CONNECTION"] ?? "sqlite"
        guard let dialect = address?.dialect ?? SQLServerAddress.dialect(of: connection) else {
            throw .unsupportedDatabase(connection: connection)
        }
        if dialect == .sqlite {
            self = .sqlite(path: Self.file(address?.database ?? value("DB_DATABASE"), root: root))
            return
        }

        var server = ServerLogin(
            port: dialect == .mariadb ? 3306 : 5432, database: value("DB_DATABASE") ?? "fresns", user: value("DB_USERNAME") ?? "root",
            password: SQLPassword(environment["DB_PASSWORD"] ?? ""))
        if let host = value("DB_HOST") { server.host = host }
        if let port = value("DB_PORT") {
            guard let number = UInt16(port), number > 0 else { throw .badSetting(path: path, key: "DB_PORT", why: "is not a port") }
            server.port = Int(number)
        }
        switch dialect {
        case .postgresql:
            if let mode = value("DB_SSLMODE") {
                guard let encryption = SQLEncryption(sslmode: mode) else {
                    throw .badSetting(
                        path: path, key: "DB_SSLMODE",
                        why: "must be disable, allow, prefer, require, verify-ca or verify-full")
                }
                server.encryption = encryption
            }
        case .mariadb, .sqlite:
            server.socket = value("DB_SOCKET")
            // PHP only encrypts when configured to. On the same machine that is fine; otherwise, encryption costs little.
            if server.socket != nil || ["127.0.0.1", "::1", "localhost"].contains(server.host) { server.encryption = .off }
            if let authority = value("MYSQL_ATTR_SSL_CA") { server.encryption = .host(authority: authority) }
        }
        if let address { server.apply(address) }
        self = dialect == .mariadb ? .mariadb(server) : .postgresql(server)
    }

    /// Laravel resolves a relative path from PHP's working folder, which is `public` for the web and the site's folder for
    /// commands, and then from the site's folder.
    private static func file(_ value: String?, root: String) -> String {
        guard let value else { return root + "/database/database.sqlite" }
        if value.hasPrefix("/") { return value }
        let candidates = [root + "/" + value, root + "/public/" + value]
        return candidates.first { FileManager.default.fileExists(atPath: $0) } ?? candidates[0]
    }
}

extension DatabaseLocation {
    /// Opens it and runs a query. Throws `SiteError` for configuration errors, and `SQLError` for errors that may pass.
    func open() async throws -> any SQLDatabase {
        switch self {
        case .sqlite(let path):
            do {
                return try await SQLiteDatabase.open(path: path)
            } catch where error.code == .missing {
                throw SiteError.databaseMissing(path: path)
            } catch where !error.isTransient {
                throw SiteError.databaseUnusable(path: path, why: error.description)
            }
        case .mariadb(let server): return try await ask(MariaDBDatabase(server))
        case .postgresql(let server): return try await ask(PostgreSQLDatabase(server))
        }
    }

    private func ask(_ database: any SQLDatabase) async throws -> any SQLDatabase {
        do {
            _ = try await database.read { session in try session.query("SELECT 1") }
            return database
        } catch let error as SQLError where !error.isTransient {
            throw SiteError.databaseUnusable(path: name, why: error.description)
        }
    }
}
