/// One site's database, whichever server runs it. May be used from any task: blocking work runs on the
/// driver's own threads, never on the cooperative pool.
public protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` in one read-only transaction. Rethrows what `body` throws, and throws the driver's `SQLError`s.
    /// On a server, each statement sees what was committed before it began. Not interrupted when the task is cancelled.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs `body` in one transaction: SQLite holds the write lock from its first statement, a server locks the rows
    /// that it changes. Committed when `body` returns, rolled back when it throws; on a server, a failed statement ends the
    /// transaction, whether or not `body` continues. Never retried here: only the caller knows whether that is right.
    /// Not interrupted when the task is cancelled, because a stopping daemon still has rows to return to the queue.
    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs one DDL statement, which binds no values. It may take as long as it needs.
    func define(_ definition: Query) async throws

    /// The columns of a table in order; nil if there is no such table.
    func columns(of table: String) async throws -> [SQLColumn]?

    /// The names of all tables visible to this user.
    func tables() async throws -> Set<String>

    /// The names of all indexes.
    func indexes() async throws -> Set<String>

    /// Waits for running work, then closes the connection. Later calls throw `.gone`.
    func close() async
}

extension SQLDatabase {
    public func define(_ definition: Query) async throws {
        try await write { session in try session.execute(definition) }
    }
}

/// A connection, lent for one transaction, on the transaction's thread.
public protocol SQLSession {
    func query(_ query: Query) throws(SQLError) -> [SQLRow]

    /// Returns the number of matched rows, changed or not; 0 for DDL.
    @discardableResult
    func execute(_ query: Query) throws(SQLError) -> Int
}

/// A column as the database declares it.
public struct SQLColumn: Sendable, Equatable {
    public var name: String
    /// As declared, for example `varchar(255)`: SQLite stores it, but does not enforce it.
    public var type: String
    public var isNullable: Bool

    public init(name: String, type: String, isNullable: Bool) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

extension SQLColumn {
    /// The largest integer that the column can store, by its type; nil if that is larger than any of ours, if it
    /// stores no numbers, and in SQLite, which enforces no bounds.
    public func largest(_ dialect: SQLDialect) -> Int64? {
        if dialect == .sqlite { return nil }
        // `smallint(5) unsigned`, `smallint unsigned`
        let words = type.lowercased().split { " (,)".contains($0) }
        let bits: Int64? =
            switch words.first {
            case "tinyint": 8
            case "smallint": 16
            case "mediumint": 24
            case "int", "integer": 32
            default: nil
            }
        return bits.map { (1 << ($0 - (words.contains("unsigned") ? 0 : 1))) - 1 }
    }
}
