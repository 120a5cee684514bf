import Foundation
import SQL

/// A folder for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/sql-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// An empty file is an empty database.
    func database(_ name: String = "test.sqlite", lockTimeout: Duration = .seconds(10)) throws -> SQLiteDatabase {
        let file = path + "/" + name
        if !FileManager.default.fileExists(atPath: file) { try Data().write(to: URL(fileURLWithPath: file)) }
        return try SQLiteDatabase(path: file, lockTimeout: lockTimeout)
    }
}
