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

    // MARK: values

    @Test func valuesComeBackAsTheyWent() async throws {
        let database = try await table()
        try await database.write { session in
            try session.execute(
                "INSERT INTO things (id, name, weight, ok) VALUES (?, ?, ?, ?)",
                [.integer(.max), "O'Neill; -- 界\n\"", 0.1, true])
            try session.execute("INSERT INTO things (id, name, weight, ok) VALUES (?, ?, ?, ?)", [2, "b", nil, false])
        }
        let rows = try await database.read { session in
            try session.query("SELECT id, name, weight, ok FROM things ORDER BY id DESC")
        }
        #expect(rows.count == 2)
        #expect(rows[0].columns == ["id", "name", "weight", "ok"])
        #expect(rows[0].int("id") == .max)
        #expect(rows[0].text("name") == "O'Neill; -- 界\n\"")
        #expect(rows[0].real("weight") == 0.1)
        #expect(rows[0].bool("ok") == true)
        #expect(rows[1]["weight"] == .null)
        #expect(rows[1].bool("ok") == false)
        #expect(rows[1].text("nothing of this name") == nil)
    }

    @Test func executeCountsWhatItMatched() async throws {
        let database = try await table()
        let counts = try await database.write { session in
            [
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b')"),
                try session.execute("UPDATE things SET name = name"),
                try session.execute("UPDATE things SET name = 'c' WHERE id = 99"),
                try session.execute("CREATE TABLE others (id INTEGER)"),
                try session.execute("DELETE FROM things WHERE id = 1"),
                try session.execute("DELETE FROM things WHERE id = 1"),
            ]
        }
        #expect(counts == [2, 2, 0, 0, 1, 0])
    }

    // MARK: transactions

    private struct Stop: Error {}

    @Test func aWriteThatThrowsLeavesNothing() async throws {
        let database = try await table()
        await #expect(throws: Stop.self) {
            try await database.write { session in
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
                throw Stop()
            }
        }
        #expect(try await database.read { try $0.query("SELECT 1 FROM things") }.isEmpty)
    }

    @Test func aReadCannotWrite() async throws {
        let database = try await table()
        await #expect(throws: SQLError.self) {
            try await database.read { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        }
        // And the connection writes again afterwards.
        try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
    }

    /// A daemon that is told to stop still hands its rows back.
    @Test func aCancelledTaskStillWrites() async throws {
        let database = try await table()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in gate {}
            #expect(Task.isCancelled)
            try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
            return try await database.read { try $0.query("SELECT 1 FROM things") }.count
        }
        task.cancel()
        open.finish()
        #expect(try await task.value == 1)
    }

    @Test func aHeldLockIsBusyAfterOurPatience() async throws {
        _ = try await table()
        let hasty = try folder.database(patience: .milliseconds(20))
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
        let other = try folder.database(patience: .zero)
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

    // MARK: errors

    @Test func errorsSayWhatTheyAre() async throws {
        let database = try await table()
        try await database.write { session in
            try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
            #expect { try session.execute("INSERT INTO things (id, name) VALUES (2, 'a')") } throws: { error in
                (error as? SQLError)?.code == .constraint
            }
            #expect { try session.query("SELECT 1 FROM no_table") } throws: { ($0 as? SQLError)?.code == .noTable }
            #expect { try session.query("SELEC 1") } throws: { ($0 as? SQLError)?.code == .statement }
        }
        #expect(try await database.read { try $0.query("SELECT 1 FROM things") }.count == 1)
    }

    @Test func errorsNeverHoldValues() async throws {
        let database = try await table()
        await #expect {
            try await database.write { session in
                _ = try session.execute("INSERT INTO things (id, name) VALUES (1, ?)", ["secret"])
                _ = try session.execute("INSERT INTO things (id, name) VALUES (2, ?)", ["secret"])
            }
        } throws: { error in
            !String(describing: error).contains("secret") && String(describing: error).contains("VALUES (2, ?)")
        }
    }

    @Test func aClosedDatabaseIsGone() async throws {
        let database = try await table()
        await database.close()
        await #expect { try await database.read { try $0.query("SELECT 1") } } throws: { ($0 as? SQLError)?.code == .gone }
    }

    // MARK: the schema

    @Test func columnsAreFoundInOrder() async throws {
        let database = try await table()
        let columns = try #require(try await database.columns(of: "things"))
        #expect(columns.map(\.name) == ["id", "name", "weight", "ok"])
        #expect(columns.map(\.type) == ["INTEGER", "VARCHAR(32)", "REAL", "tinyint(1)"])
        #expect(columns.map(\.isNullable) == [true, false, true, true])
        #expect(try await database.columns(of: "no_table") == nil)
    }

    @Test func indexesAreFound() async throws {
        let database = try await table()
        try await database.write { session in try session.execute("CREATE INDEX heavy ON things (weight)") }
        #expect(try await database.indexes().contains("heavy"))
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
