import Foundation
import SQL
import Testing

@Suite struct SQLiteDatabaseTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func table() async throws -> SQLiteDatabase {
        let database = try folder.database()
        try await database.write { session in
            try session.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(32) NOT NULL UNIQUE, weight REAL, ok tinyint(1))")
        }
        return database
    }

    // MARK: opening

    @Test func aMissingFileIsNeverMade() throws {
        let path = folder.path + "/none.sqlite"
        #expect { try SQLiteDatabase(path: path) } throws: { ($0 as? SQLError)?.code == .missing }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aTextFileIsNoDatabase() throws {
        let path = folder.path + "/text.sqlite"
        try Data(String(repeating: "This is no database. ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
        #expect { try SQLiteDatabase(path: path) } throws: { ($0 as? SQLError)?.code == .notDatabase }
    }

    @Test func aFolderIsNoDatabase() throws {
        #expect { try SQLiteDatabase(path: folder.path) } throws: { ($0 as? SQLError)?.code == .notDatabase }
    }

    @Test func aLinkIsFollowedToTheFileItself() async throws {
        _ = try await table()
        let link = folder.path + "/link.sqlite"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path + "/test.sqlite")
        let database = try await SQLiteDatabase.open(path: link)
        #expect(database.path.hasSuffix("/test.sqlite"))
        #expect(try await database.columns(of: "things")?.count == 4)
    }

    // MARK: transactions

    @Test func aHeldLockIsBusyAfterOurPatience() async throws {
        _ = try await table()
        let hasty = try folder.database(lockTimeout: .milliseconds(20))
        let other = try folder.database()
        let code = try await other.write { session in
            _ = try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
            // Another connection, from within the first one's transaction.
            return hasty.codeOfBlockingWrite()
        }
        #expect(code == .busy)
        #expect(SQLError(.busy, "").isTransient)
        // Free again, it works.
        try await hasty.write { session in try session.execute("INSERT INTO things (id, name) VALUES (2, 'b')") }
    }

    @Test func noLockIsHeldBetweenCalls() async throws {
        let database = try await table()
        _ = try await database.read { try $0.query("SELECT * FROM things") }
        try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        // An exclusive lock needs everybody else to hold none at all.
        let other = try folder.database(lockTimeout: .zero)
        try await other.write { session in
            _ = try session.execute("UPDATE things SET name = 'z'")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/test.sqlite-journal"))
    }

    @Test(arguments: ["delete", "wal", "truncate"])
    func theJournalModeStaysAsItWas(mode: String) async throws {
        let path = folder.path + "/mode.sqlite"
        try sqlite(path, "PRAGMA journal_mode = \(mode); CREATE TABLE t (id INTEGER);")
        let database = try await SQLiteDatabase.open(path: path)
        try await database.write { session in try session.execute("INSERT INTO t VALUES (1)") }
        await database.close()
        let persisted = try sqlite(path, "PRAGMA journal_mode;")
        // Only WAL is written into the file; the others are each connection's own, and ours took the file's default.
        #expect(persisted == (mode == "wal" ? "wal" : "delete"))
    }
}

extension SQLiteDatabase {
    /// Tries to write from a thread that may block; the outcome's code, nil when it worked.
    fileprivate func codeOfBlockingWrite() -> SQLError.Code? {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        Task {
            do {
                try await write { session in try session.execute("DELETE FROM things") }
            } catch {
                outcome.code = (error as? SQLError)?.code
            }
            done.signal()
        }
        done.wait()
        return outcome.code
    }
}

/// Written before the semaphore is signalled, read after it was waited for.
private final class Outcome: @unchecked Sendable {
    var code: SQLError.Code?
}

/// Runs SQLite's own shell: another program, as the site's is.
@discardableResult
private func sqlite(_ path: String, _ sql: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
    process.arguments = [path, sql]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
