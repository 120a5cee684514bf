import Dispatch
import GRDB
import Glibc

/// A SQLite file that somebody else owns, through one connection.
///
/// One connection is enough: statements are short, and SQLite has one writer at a time anyway. The journal mode stays
/// as it is found, and no lock is held between calls.
public final class SQLiteDatabase: SQLDatabase {
    public let dialect = SQLDialect.sqlite
    /// The file with symbolic links resolved: its journal lies beside it, not beside the link.
    public let path: String
    private let queue: DatabaseQueue

    /// Opens an existing file; a missing one is an error, never created.
    ///
    /// - Parameter patience: how long a statement waits for another program's lock before it fails with `.busy`.
    public init(path: String, patience: Duration = .seconds(10)) throws(SQLError) {
        self.path = try Self.find(path)
        var configuration = Configuration()
        let wait = patience.components
        configuration.busyMode = .timeout(Double(wait.seconds) + Double(wait.attoseconds) / 1e18)
        configuration.foreignKeysEnabled = false  // As PHP's connection leaves the rows, so do we.
        configuration.label = "transcoder.sqlite"
        do {
            queue = try DatabaseQueue(path: self.path, configuration: configuration)
            // The first real look: a text file opens without complaint.
            _ = try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM sqlite_master") }
        } catch {
            throw SQLError(grdb: error)
        }
    }

    /// As the initializer does, but waits for another program's lock on a thread of its own.
    public static func open(path: String, patience: Duration = .seconds(10)) async throws(SQLError) -> SQLiteDatabase {
        let opened: Result<SQLiteDatabase, SQLError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(SQLError) in try SQLiteDatabase(path: path, patience: patience) })
            }
        }
        return try opened.get()
    }

    private static func find(_ path: String) throws(SQLError) -> String {
        guard let resolved = realpath(path, nil) else {
            let missing = errno == ENOENT || errno == ENOTDIR
            throw SQLError(missing ? .missing : .denied, "\(path): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        var status = stat()
        guard stat(resolved, &status) == 0 else {
            throw SQLError(.denied, "\(path): \(String(cString: strerror(errno)))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SQLError(.notDatabase, "\(path) is not a file") }
        return String(cString: resolved)
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await perform { database in
            try database.readOnly { try Self.transaction(.deferred, database, body) }
        }
    }

    @discardableResult
    public func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await perform { database in try Self.transaction(.immediate, database, body) }
    }

    private static func transaction<T>(
        _ kind: Database.TransactionKind, _ database: Database, _ body: (any SQLSession) throws -> T
    ) throws -> T {
        var result: T?
        try database.inTransaction(kind) {
            result = try body(SQLiteSession(database: database))
            return .commit
        }
        return result!  // Set: the transaction committed, or it threw.
    }

    /// Runs on GRDB's queue and goes on only when all is over, locks included.
    ///
    /// GRDB's own `read` and `write` will not do: the asynchronous ones roll back when the task is cancelled, and
    /// `asyncRead` answers while it still holds its lock.
    private func perform<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                do {
                    continuation.resume(returning: try work(database))
                } catch let error as DatabaseError {
                    continuation.resume(throwing: SQLError(grdb: error))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    public func columns(of table: String) async throws -> [SQLColumn]? {
        let rows = try await read { session in
            try session.query(
                "SELECT name, type, \"notnull\" AS strict FROM pragma_table_info(?) ORDER BY cid", [.text(table)])
        }
        if rows.isEmpty { return nil }
        return rows.map {
            SQLColumn(name: $0.text("name") ?? "", type: $0.text("type") ?? "", isNullable: $0.bool("strict") != true)
        }
    }

    public func tables() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func indexes() async throws -> Set<String> {
        let rows = try await read { session in
            try session.query("SELECT name FROM sqlite_master WHERE type = 'index'")
        }
        return Set(rows.compactMap { $0.text("name") })
    }

    public func close() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [queue] in
                // Nothing is left to lose when closing fails: every write was committed before it returned.
                try? queue.close()
                continuation.resume()
            }
        }
    }
}
