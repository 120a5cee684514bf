import Foundation
import Testing

@testable import SQL

/// The site's file is replaced while we have it open: by a restore, a copy, a move. The site is another program, Python's.
@Suite(.serialized) struct SQLiteReplacementTests {
    let folder: TemporaryFolder
    private var path: String { folder.path + "/test.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private struct Account: Decodable {
        var errors: [String]
        var commits: Int
        var rows: Int
        var integrity: String
    }

    /// 200 commits, ten restores, and one death in the midst of a transaction, beside a connection of ours that reads and writes
    /// without a pause.
    @Test(arguments: ["delete", "wal"], ["locked", "at-once"])
    func aWriterBesideUsIsNeverHarmed(mode: String, way: String) async throws {
        let database = try folder.database()
        try await database.write { try $0.execute("CREATE TABLE ours (id INTEGER PRIMARY KEY, number INTEGER)") }
        try await database.write { try $0.execute("INSERT INTO ours VALUES (1, 0)") }

        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/fixtures/sqlite/replacing-writer.py"
        let writer = Process()
        writer.executableURL = URL(filePath: "/usr/bin/env")
        writer.arguments = ["python3", "-B", script, path, mode, way, "200", "10"]
        let output = Pipe()
        writer.standardOutput = output
        let beside = Task {
            var failures: [String] = []
            while !Task.isCancelled {
                do {
                    _ = try await database.read { try $0.query("SELECT COUNT(*) FROM sqlite_master") }
                    // Where a restore takes no lock and comes in the midst of a commit of ours, nobody can keep it from harm.
                    if way == "locked" { try await database.write { try $0.execute("UPDATE ours SET number = number + 1") } }
                } catch {
                    failures.append("\(error)")
                }
            }
            return failures
        }
        try writer.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        writer.waitUntilExit()
        beside.cancel()
        let failures = await beside.value
        let account = try JSONDecoder().decode(Account.self, from: data)
        #expect(account.errors == [])
        #expect(account.commits == 200 && account.rows == 200 && account.integrity == "ok")
        #expect(failures == [])
        // What was committed last is seen: the file that is there is the one that is read.
        #expect(try await database.read { try $0.query("SELECT COUNT(*) AS n FROM writer_commits").first?.int("n") } == 200)
        #expect((database.replacement?.count ?? 0) > 0)
    }
}
