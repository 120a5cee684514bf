import Dispatch
public import FoundationEssentials
import GRDB
internal import Glibc
import Synchronization

/// A SQLite file that another program owns, through one connection.
///
/// One connection is enough: statements are short, and SQLite has one writer at a time anyway. The journal mode stays
/// as it is, and no lock is held between calls.
///
/// Its owner may replace the file at any time: then the connection is closed without touching anything, and the new file
/// is opened. A transaction that met the change runs again on the new file, which has nothing of it.
public final class SQLiteDatabase: SQLDatabase {
    /// When a replacement was last noticed.
    public struct Replacement: Sendable, Equatable {
        public var at: Date
        /// How many there have been.
        public var count: Int
        /// It happened during a write of ours, whose journal may have been applied to the new file.
        public var isTorn: Bool
    }

    private struct ConnectionState {
        var path: String
        var replacement: Replacement?
    }

    public let dialect = SQLDialect.sqlite
    private let name: String
    private let lockTimeout: Duration
    private let story: Mutex<ConnectionState>
    /// Everything that uses the connection runs here, in order.
    private let queue = DispatchQueue(label: "transcoder.sqlite.file")
    /// Used on `queue` alone; nil while there is no file, or after closing.
    nonisolated(unsafe) private var connection: SQLiteConnection?
    nonisolated(unsafe) private var isClosed = false

    /// Opens an existing file; a missing one is an error, never created.
    ///
    /// - Parameter lockTimeout: how long a statement waits for another program's lock before it fails with `.busy`.
    public init(path: String, lockTimeout: Duration = .seconds(10)) throws(SQLError) {
        name = path
        self.lockTimeout = lockTimeout
        let opened = try SQLiteConnection(path, lockTimeout: lockTimeout)
        story = Mutex(ConnectionState(path: opened.path))
        connection = opened
    }

    /// As the initializer does, but waits for another program's lock on a separate thread.
    public static func open(path: String, lockTimeout: Duration = .seconds(10)) async throws(SQLError) -> SQLiteDatabase {
        let opened: Result<SQLiteDatabase, SQLError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(SQLError) in try SQLiteDatabase(path: path, lockTimeout: lockTimeout) })
            }
        }
        return try opened.get()
    }

    /// The file with symbolic links resolved, as last opened.
    public var path: String { story.withLock { $0.path } }

    /// Nil while the file is the one that was opened first.
    public var replacement: Replacement? { story.withLock { $0.replacement } }

    /// Reopens the file if it was replaced. Throws `.gone` if there is none that can be opened.
    public func refresh() async throws { try await perform { _ in } }

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

    /// Not interrupted when the task is cancelled.
    private func perform<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.run(work) }) }
        }
    }

    // MARK: on the queue

    /// How often a transaction may meet a replaced file, with microseconds in between: a restore in several steps takes time.
    private static let attempts = 100
    private static let pause: UInt32 = 20_000

    private func run<T>(_ work: (Database) throws -> T) throws -> T {
        for _ in 1..<Self.attempts {
            if let result = try attempt(work) { return result }
            usleep(Self.pause)
        }
        throw SQLError(.replaced, "\(name) is replaced repeatedly")
    }

    /// Nil if the file was replaced meanwhile, and the current one has nothing of it.
    private func attempt<T>(_ work: (Database) throws -> T) throws -> T? {
        do {
            return try current().perform(work)
        } catch let error as SQLError {
            if error.code == .replaced { return nil }
            // Perhaps overwritten in place: our cached pages are not reliable.
            if error.code == .notDatabase, let connection { letGo(connection) }
            throw error
        }
    }

    /// The connection to the current file.
    private func current() throws(SQLError) -> SQLiteConnection {
        if isClosed { throw SQLError(.gone, "it was closed") }
        if let connection {
            guard connection.isStale else { return connection }
            letGo(connection)
            story.withLock {
                let before = $0.replacement
                $0.replacement = Replacement(
                    at: Date(), count: (before?.count ?? 0) + 1, isTorn: connection.isTorn || before?.isTorn ?? false)
            }
        }
        return try reopen()
    }

    private func reopen() throws(SQLError) -> SQLiteConnection {
        do {
            let fresh = try SQLiteConnection(name, lockTimeout: lockTimeout)
            connection = fresh
            story.withLock { $0.path = fresh.path }
            return fresh
        } catch {
            if error.code == .busy || error.code == .replaced { throw error }
            // It existed before: it may come back, or be complete in a moment.
            throw SQLError(.gone, "the open file is gone, and its replacement cannot be opened: \(error.message)")
        }
    }

    private func letGo(_ connection: SQLiteConnection) {
        connection.close()
        self.connection = nil
    }

    // MARK: tables

    public func columns(of table: String) async throws -> [SQLColumn]? {
        let rows = try await read { session in
            try session.query("SELECT name, type, \"notnull\" AS strict FROM pragma_table_info(\(table)) ORDER BY cid")
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
            queue.async {
                if let connection = self.connection { self.letGo(connection) }
                self.isClosed = true
                continuation.resume()
            }
        }
    }
}
