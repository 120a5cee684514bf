internal import Glibc
internal import SQL
internal import Synchronization

/// The rows of a cache: in a SQLite file of its folder, and in memory in front of it. May be used from any task.
final class CacheIndex: Sendable {
    private let database: SQLiteDatabase
    private let entries: Mutex<[String: CacheEntry]>

    static let file = "index.sqlite"
    private static let columns: Query = "key, url, path, etag, modified, valid_till, stale_till, error_till, offline, touched, length, sha256, written"
    private static let everything: Query = "SELECT \(columns) FROM sources"

    /// Opens the index in a folder, and begins a new one where there is none that can be read: the files of the old one are orphans.
    static func open(in folder: String) async throws -> CacheIndex {
        let path = "\(folder)/\(file)"
        do {
            return try await CacheIndex(path)
        } catch let error as SQLError where error.code == .notDatabase || error.code == .statement {
            for end in ["", "-journal", "-wal", "-shm"] { unlink(path + end) }
            return try await CacheIndex(path)
        }
    }

    private init(_ path: String) async throws {
        // An empty file is an empty database.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
        let database = try await SQLiteDatabase.open(path: path)
        try await database.define(
            """
            CREATE TABLE IF NOT EXISTS sources (key TEXT PRIMARY KEY, url TEXT NOT NULL, path TEXT NOT NULL, etag TEXT, modified TEXT, \
            valid_till INTEGER NOT NULL, stale_till INTEGER NOT NULL, error_till INTEGER NOT NULL, offline INTEGER NOT NULL, touched INTEGER NOT NULL, \
            length INTEGER NOT NULL, sha256 TEXT NOT NULL, written INTEGER NOT NULL)
            """)
        let rows = try await database.read { session in try session.query(CacheIndex.everything) }
        self.database = database
        entries = Mutex(Self.byKey(rows))
    }

    private static func byKey(_ rows: [SQLRow]) -> [String: CacheEntry] {
        Dictionary(rows.compactMap { CacheEntry($0) }.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    }

    func close() async { await database.close() }

    /// From memory; another process may have changed the row since: see `reload`.
    subscript(key: String) -> CacheEntry? { entries.withLock { $0[key] } }

    var all: [CacheEntry] { entries.withLock { Array($0.values) } }

    /// As the file has it.
    func reload(_ key: String) async throws -> CacheEntry? {
        let row = try await database.read { session in try session.query("\(CacheIndex.everything) WHERE key = \(key)").first }
        let entry = row.flatMap { CacheEntry($0) }
        entries.withLock { $0[key] = entry }
        return entry
    }

    /// Both ways at once: what memory says is what the file says.
    func set(_ entry: CacheEntry) async throws {
        try await database.write { session in
            try session.execute("DELETE FROM sources WHERE key = \(entry.key)")
            try session.execute(
                """
                INSERT INTO sources (\(CacheIndex.columns)) VALUES (\(entry.key), \(entry.url), \(entry.path), \(entry.etag), \(entry.modified), \
                \(entry.validTill), \(entry.staleTill), \(entry.errorTill), \(entry.mayServeOffline ? 1 : 0), \(entry.touched), \(entry.length), \(entry.sha256), \(entry.written))
                """)
        }
        entries.withLock { $0[entry.key] = entry }
    }

    /// Written once a minute at most: the order of use is all that it says.
    func touch(_ key: String, at now: Int64) async throws {
        let isDue = entries.withLock { entries in
            guard let before = entries[key]?.touched else { return false }
            entries[key]?.touched = now
            return now / 60 != before / 60
        }
        guard isDue else { return }
        try await database.write { session in try session.execute("UPDATE sources SET touched = \(now) WHERE key = \(key)") }
    }

    func remove(_ key: String) async throws {
        try await database.write { session in try session.execute("DELETE FROM sources WHERE key = \(key)") }
        entries.withLock { _ = $0.removeValue(forKey: key) }
    }

    /// All rows anew: what other processes did.
    func reload() async throws {
        let fresh = Self.byKey(try await database.read { session in try session.query(CacheIndex.everything) })
        entries.withLock { $0 = fresh }
    }
}

extension CacheEntry {
    /// Nil for a row that we did not write.
    init?(_ row: SQLRow) {
        guard let key = row.text("key"), let url = row.text("url"), let path = row.text("path"), let valid = row.int("valid_till"),
            let stale = row.int("stale_till"), let error = row.int("error_till"), let offline = row.int("offline"), let touched = row.int("touched"), let length = row.int("length"),
            let sha256 = row.text("sha256"), let written = row.int("written"), length >= 0
        else { return nil }
        self.init(
            key: key, url: url, path: path, etag: row.text("etag"), modified: row.text("modified"), validTill: valid, staleTill: stale,
            errorTill: error, mayServeOffline: offline != 0, touched: touched, length: length, sha256: sha256, written: written)
    }
}
