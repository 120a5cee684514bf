import GRDB
import Glibc

/// One opened SQLite file. Belongs to its `SQLiteDatabase`, and is used on its queue alone.
final class SQLiteConnection {
    /// The file with symbolic links resolved: its journal is beside it, not beside the link.
    let path: String
    /// The path as given.
    private let name: String
    private let queue: DatabaseQueue
    private let fileGuard: SQLiteFileGuard

    init(_ name: String, lockTimeout: Duration) throws(SQLError) {
        self.name = name
        let path = try Self.find(name)
        var configuration = Configuration()
        let wait = lockTimeout.components
        configuration.busyMode = .timeout(Double(wait.seconds) + Double(wait.attoseconds) / 1e18)
        configuration.foreignKeysEnabled = false  // As PHP's connection leaves the rows, so do we.
        configuration.label = "transcoder.sqlite"
        let fileGuard = SQLiteFileGuard()
        do {
            let queue = try fileGuard.opening { try DatabaseQueue(path: path, configuration: configuration) }
            // The first real access: opening a text file succeeds.
            _ = try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM sqlite_master") }
            self.queue = queue
        } catch {
            throw SQLError(grdb: error)
        }
        self.path = path
        self.fileGuard = fileGuard
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

    /// Whether the path now leads to another file, or to none.
    var isStale: Bool { fileGuard.hasMoved || FileIdentity(name) != fileGuard.database }

    /// The file was replaced during a write: our journal was beside the new one.
    var isTorn: Bool { fileGuard.isTorn }

    /// Returns only when everything is over, locks included.
    ///
    /// GRDB's own `read` and `write` are not enough: `asyncRead` returns while it still holds its lock.
    func perform<T>(_ work: (Database) throws -> T) throws -> T {
        do {
            return try queue.writeWithoutTransaction(work)
        } catch let error as DatabaseError {
            throw SQLError(grdb: error)
        }
    }

    /// Touches neither the file nor its journal if they belong to another database by now.
    func close() {
        do {
            // A failed close loses nothing: every write was committed before it returned.
            try queue.close()
            fileGuard.release()
        } catch {}
    }
}
