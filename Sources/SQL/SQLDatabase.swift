/// One site's database, whichever program runs it. May be used from any task: what blocks runs on threads of the
/// driver's own, never on the cooperative pool.
public protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` in one transaction that only reads. What `body` throws is thrown; so are `SQLError`s of the driver.
    /// On a server each statement sees what was committed before it began. Not interrupted when the task is cancelled.
    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs `body` in one transaction: SQLite's holds the write lock from its first statement, a server's locks the rows
    /// that it changes. Committed when `body` returns, rolled back when it throws; on a server a failed statement is the
    /// transaction's end, whether or not `body` goes on. Never tried again here: the caller knows whether that is right.
    /// Not interrupted when the task is cancelled, for a daemon that is told to stop still has rows to hand back.
    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T

    /// Runs one statement that makes or changes a table or an index. It may take as long as it needs.
    func define(_ sql: String) async throws

    /// The columns of a table in their order; nil where there is no such table.
    func columns(of table: String) async throws -> [SQLColumn]?

    /// The names of all tables that this user may see.
    func tables() async throws -> Set<String>

    /// The names of all indexes.
    func indexes() async throws -> Set<String>

    /// Waits for running work, then lets go of the connection. Later calls throw `.gone`.
    func close() async
}

extension SQLDatabase {
    public func define(_ sql: String) async throws {
        try await write { session in try session.execute(sql) }
    }
}

/// A connection, lent for the time of one transaction, on the thread that the transaction runs on.
public protocol SQLSession {
    /// `?` stands for each argument in turn.
    func query(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow]

    /// Returns how many rows the statement matched, changed or not; 0 for statements about tables.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int
}

extension SQLSession {
    public func query(_ sql: String) throws(SQLError) -> [SQLRow] { try query(sql, []) }

    @discardableResult
    public func execute(_ sql: String) throws(SQLError) -> Int { try execute(sql, []) }
}

/// A column as the database declares it.
public struct SQLColumn: Sendable, Equatable {
    public var name: String
    /// As declared, for example `varchar(255)`: SQLite keeps it and enforces nothing of it.
    public var type: String
    public var isNullable: Bool

    public init(name: String, type: String, isNullable: Bool) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}

extension SQLColumn {
    /// The largest whole number that the column takes, by its type; nil where that is larger than any of ours, where it
    /// holds no numbers, and in SQLite, which keeps to no bounds.
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
