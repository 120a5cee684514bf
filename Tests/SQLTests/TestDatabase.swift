import Foundation
import Testing

@testable import SQL

/// An empty database of one test, removed with it. MariaDB's and PostgreSQL's are on the servers that scripts/databases.sh
/// starts, whose addresses are in the environment.
final class TestDatabase: Sendable {
    let dialect: SQLDialect
    /// nil for SQLite.
    let server: ServerLogin?
    private let folder: TemporaryFolder

    /// Without the servers' addresses SQLite alone.
    static let dialects = SQLDialect.allCases.filter { $0 == .sqlite || administrator(of: $0) != nil }
    static let servers = dialects.filter { $0 != .sqlite }

    static func administrator(of dialect: SQLDialect) -> ServerLogin? {
        let name = "DATABASES_\(dialect.rawValue.uppercased())"
        guard let address = ProcessInfo.processInfo.environment[name].flatMap(SQLServerAddress.init) else { return nil }
        return server(address)
    }

    /// By TCP, with the socket left out.
    static func server(_ address: SQLServerAddress) -> ServerLogin {
        var server = ServerLogin(port: 0, database: "", user: "")
        server.apply(address)
        server.socket = nil
        server.encryption = .off  // A hundred handshakes at once take a busy machine longer than a server waits.
        return server
    }

    /// The Unix socket, or its folder.
    static func socket(of dialect: SQLDialect) -> String? {
        ProcessInfo.processInfo.environment["DATABASES_\(dialect.rawValue.uppercased())"]
            .flatMap(SQLServerAddress.init)?.options["unix_socket"]
    }

    static func authority(_ name: String = "AUTHORITY") -> String? {
        ProcessInfo.processInfo.environment["DATABASES_\(name)"]
    }

    init(_ dialect: SQLDialect, on administrator: ServerLogin? = nil) async throws {
        self.dialect = dialect
        folder = try TemporaryFolder()
        guard dialect != .sqlite else {
            server = nil
            try Data().write(to: URL(fileURLWithPath: folder.path + "/test.sqlite"))
            return
        }
        var server = try #require(administrator ?? Self.administrator(of: dialect))
        let database = Self.connect(dialect, server)
        server.database = "t" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await database.define("CREATE DATABASE \(sql: server.database)")
        await database.close()
        self.server = server
    }

    deinit {
        guard let server, var administrator = Self.administrator(of: dialect) else { return }
        let force: Query = dialect == .postgresql ? " WITH (FORCE)" : ""
        administrator.database = dialect == .postgresql ? "postgres" : "mysql"
        let database = Self.connect(dialect, administrator)
        // The servers' folder is removed in the end in any case.
        Task.detached { try? await database.define("DROP DATABASE IF EXISTS \(sql: server.database)\(force)") }
    }

    /// A connection pool of its own with each call.
    func connect(timeouts: SQLTimeouts = SQLTimeouts(), connections: Int = 3) throws -> any SQLDatabase {
        guard let server else { return try SQLiteDatabase(path: folder.path + "/test.sqlite", lockTimeout: timeouts.locks) }
        return Self.connect(dialect, server, timeouts: timeouts, connections: connections)
    }

    static func connect(
        _ dialect: SQLDialect, _ server: ServerLogin, timeouts: SQLTimeouts = SQLTimeouts(), connections: Int = 3
    ) -> any SQLDatabase {
        dialect == .mariadb
            ? MariaDBDatabase(server, timeouts: timeouts, connections: connections)
            : PostgreSQLDatabase(server, timeouts: timeouts, connections: connections)
    }

    /// `things`, as Laravel would make it on each.
    func things() async throws -> any SQLDatabase {
        let database = try connect()
        let (text, flag, options): (Query, Query, Query) =
            switch dialect {
            case .sqlite: ("VARCHAR", "tinyint(1)", "")
            case .mariadb: ("VARCHAR", "tinyint(1)", " DEFAULT CHARACTER SET utf8mb4")
            case .postgresql: ("VARCHAR", "boolean", "")
            }
        let double: Query = dialect == .sqlite ? "REAL" : "DOUBLE PRECISION"
        try await database.define(
            """
            CREATE TABLE things (id BIGINT PRIMARY KEY, name \(text)(255) NOT NULL UNIQUE, weight \(double), ok \(flag), \
            small SMALLINT)\(options)
            """)
        return database
    }
}

extension SQLTimeouts {
    /// As short as the databases count: MariaDB's waits are whole seconds.
    static let short: SQLTimeouts = {
        var timeouts = SQLTimeouts()
        timeouts.locks = .seconds(1)
        return timeouts
    }()
}

func code<T>(_ body: () async throws -> T) async -> SQLError.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        if let error = error as? SQLError { return error.code }
        Issue.record(error)
        return nil
    }
}

/// Says that something happened, to a thread that may block until it did.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }
    func pass() { semaphore.wait() }
}
