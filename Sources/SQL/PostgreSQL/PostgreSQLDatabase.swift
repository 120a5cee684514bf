/// A site's PostgreSQL database, through libpq and a few connections. Broken ones are reopened for the next call.
public final class PostgreSQLDatabase: SQLDatabase {
    public let dialect = SQLDialect.postgresql
    private let pool: ConnectionPool
    /// For connections outside the pool.
    let server: ServerLogin
    let timeouts: SQLTimeouts

    /// Connects at the first call.
    ///
    /// - Parameter connections: the maximum number.
    public init(_ server: ServerLogin, timeouts: SQLTimeouts = SQLTimeouts(), connections: Int = 3) {
        self.server = server
        self.timeouts = timeouts
        pool = ConnectionPool(limit: connections, timeouts: timeouts) { timeouts throws(SQLError) in
            try PostgreSQLConnection(server, timeouts)
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
        let name = dialect.quoted(table)
        let rows = try await read { session in
            try session.query(
                """
                SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable \
                FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(\(name)) AND attnum > 0 AND NOT attisdropped \
                ORDER BY attnum
                """)
        }
        if rows.isEmpty { return nil }
        return rows.map {
            SQLColumn(name: $0.text("name") ?? "", type: $0.text("type") ?? "", isNullable: $0.bool("nullable") == true)
        }
    }

    public func tables() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query(
                """
                SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'p')
                """)
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func indexes() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query(
                """
                SELECT c.relname AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                WHERE n.nspname = ANY (current_schemas(false)) AND i.indisvalid
                """)
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func close() async { await pool.close() }
}
