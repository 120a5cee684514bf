/// A site's MariaDB database, through libmariadb and a few connections. Broken ones are reopened for the next call.
public final class MariaDBDatabase: SQLDatabase {
    public let dialect = SQLDialect.mariadb
    private let pool: ConnectionPool

    /// Connects at the first call.
    ///
    /// - Parameter connections: the maximum number.
    public init(_ server: ServerLogin, timeouts: SQLTimeouts = SQLTimeouts(), connections: Int = 3) {
        pool = ConnectionPool(limit: connections, timeouts: timeouts) { timeouts throws(SQLError) in
            try MariaDBConnection(server, timeouts)
        }
    }

    deinit { pool.shutDown() }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await pool.transaction(.reading, body)
    }

    @discardableResult
    public func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await pool.transaction(.writing, body)
    }

    public func define(_ definition: Query) async throws { try await pool.define(definition) }

    public func columns(of table: String) async throws -> [SQLColumn]? {
        let rows = try await read { session in
            try session.query(
                """
                SELECT column_name AS name, column_type AS type, is_nullable AS nullable FROM information_schema.columns \
                WHERE table_schema = DATABASE() AND table_name = \(table) ORDER BY ordinal_position
                """)
        }
        if rows.isEmpty { return nil }
        return rows.map {
            SQLColumn(name: $0.text("name") ?? "", type: $0.text("type") ?? "", isNullable: $0.text("nullable") == "YES")
        }
    }

    public func tables() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query("SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()")
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func indexes() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query(
                "SELECT DISTINCT index_name AS name FROM information_schema.statistics WHERE table_schema = DATABASE()")
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func close() async { await pool.close() }
}
