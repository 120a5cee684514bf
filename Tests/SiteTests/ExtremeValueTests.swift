import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// Whatever stands in a row, nothing traps, it is named where it makes no sense, and the other files go on.
@Suite struct ExtremeValueTests {
    private static let numbers: [SQLValue] = [
        .integer(.min), .integer(.min + 1), -1, 0, .integer(1 << 31), .integer((1 << 31) - 1), .integer(1 << 53), .integer(.max), .integer(.max - 1),
        .real(1e300), .real(-1e300), .real(0.5), .text("many"), .text("a\nb"), .text(""), .bytes([0xFF, 0x00, 0xFE]), .null,
    ]
    private static let files = [
        "type", "name", "mime", "extension", "size", "width", "height", "duration", "sha", "path", "transcoding_state", "transcoding_reason",
        "video_poster_path", "original_path", "physical_deletion", "is_uploaded", "is_enabled", "created_at", "deleted_at", "fid",
    ]

    /// A column at a time, with each value in a row of its own; then all rows are as they were.
    @Test(arguments: TestSite.databases)
    func everyColumnTakesAnything(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        // Thousands of transactions: with fewer waits for the disk.
        if database == .sqlite { try test.shell("PRAGMA journal_mode = WAL") }
        let good = try await test.post()
        var all: [Upload] = []
        for _ in Self.numbers { all.append(try await test.post()) }
        try await test.run("CREATE TABLE {spare} AS SELECT * FROM {files}")
        var tried = 0
        for column in Self.files.map({ ("files", "id", $0) })
            + JobTable.columns(database).map({ ("transcoder_jobs", "file_id", $0.name) }).filter({ $0.2 != "file_id" })
        {
            var bad: [Int64] = []
            for (index, value) in Self.numbers.enumerated() {
                // Each column with some of them, where every statement goes to a server.
                if database != .sqlite, (index + column.2.utf8.count) % 4 != 0 { continue }
                let file = all[index]
                if column.0 != "files" {
                    let claim = try #require(try await test.claim(file))
                    switch (index + tried) % 3 {
                    case 0: _ = try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAfter: .zero)
                    case 1: _ = try await test.site.succeed(claim, TestSite.result(path: "videos/\(file.id).mp4"))
                    default: break
                    }
                }
                // What the database itself refuses cannot stand there.
                let isStored: Query = "UPDATE {\(sql: column.0)} SET \(sql: column.2) = \(value) WHERE \(sql: column.1) = \(file.id)"
                if (try? await test.run(isStored)) != nil {
                    bad.append(file.id)
                }
            }
            tried += bad.count
            try await look(test, bad)
            #expect(try await test.waiting().contains(good.id), "\(column)")
            try await test.run("DELETE FROM {transcoder_jobs} WHERE file_id <> \(good.id)")
            try await test.run("DELETE FROM {files}")
            try await test.run("INSERT INTO {files} SELECT * FROM {spare}")
        }
        #expect(tried > (database == .sqlite ? 500 : 25))
    }

    /// All that a daemon, and people, ask; errors are told, and are no end.
    private func look(_ test: TestSite, _ files: [Int64]) async throws {
        let site = test.site
        try await lookAtAll(site)
        for file in files {
            _ = try? await site.job(of: file)
            let found = try? await site.file(id: file)
            if let found, let claim = try? await site.claim(file, path: found.path, owner: TestSite.me, lease: .seconds(60), force: true) {
                _ = try? await site.willPublish(claim, output: "videos/x.mp4")
                _ = try? await site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAfter: .seconds(1))
            }
        }
        try await lookAtAll(site)
        for file in files {
            _ = try? await site.retry(file)
            _ = try? await site.cancel(file)
        }
        _ = try await site.retryFailed()
    }

    private func lookAtAll(_ site: Site) async throws {
        _ = try await site.counts()
        _ = try await site.unfinished()
        _ = try await site.nextRetry()
        _ = try await site.longestWait()
        for state in ListedJob.State.allCases { _ = try await site.list(state, limit: 100).map { $0.nextAt?.formatted(.iso8601) } }
        _ = try await site.retrying(limit: 100)
        _ = try await site.claimRows()
        _ = try await site.finished(limit: 100).map { $0.finishedAt.formatted(.iso8601) }
        _ = try await site.finished(spans: 24, of: .seconds(3600))
        _ = try await site.staleDetails(limit: 100)
        _ = try await site.freshlyWritten(limit: 100)
        _ = try await site.leftovers(limit: 100)
        _ = try await site.retire(after: 0, limit: 100, originalsAfter: .seconds(1)) { _ in true }
        _ = try await site.duplicates(of: 0, in: .disk, sourceSize: 1, fingerprint: "r", limit: 5)
        _ = try await site.countWaiting(beneath: "videos")
        _ = try await site.recall(beneath: "videos")
        _ = try await site.reclaimLost(isAlive: { _ in false }, thisHost: "here")
    }

    /// No UTF-8: it would be looked for under another name for ever.
    @Test func aPathThatIsNoTextIsNamedAndKeepsNobodyWaiting() async throws {
        let test = try await TestSite()
        let bad = try await test.post(), good = try await test.post()
        try await test.run("UPDATE {files} SET path = \(SQLValue.bytes([0x76, 0xFF, 0xFE])) WHERE id = \(bad.id)")
        #expect(try await test.waiting() == [good.id])
        #expect(try await test.site.unfinished() == 1)
        #expect(test.site.notices == ["The row of file \(bad.id) in fs_files is skipped: its path is 3 bytes that are not text."])
    }

    @Test func recordsOfNamesThatCannotBeReadAreKept() async throws {
        let test = try await TestSite()
        let bad = try await test.post(), good = try await test.post()
        _ = try await test.claim(bad)
        _ = try await test.claim(good)
        try await test.run("UPDATE {transcoder_jobs} SET work_names = \("[{\"tok" as String) WHERE file_id = \(bad.id)")
        #expect(try await test.site.reclaimLost(isAlive: { _ in false }, thisHost: "here") == [good.id])
        await #expect(throws: UnreadableValue.self) { try await test.site.job(of: bad.id) }
        let kept = try await test.run("SELECT work_names FROM {transcoder_jobs} WHERE file_id = \(bad.id)").first
        #expect(kept?.text("work_names") == "[{\"tok")
        #expect(test.site.notices.contains { $0.contains("work_names") })
    }

    /// Passed over and named by whoever looks for people, and not shown as 0, as nothing or as another state.
    @Test(arguments: TestSite.databases)
    func noListShowsWhatCannotBeRead(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let site = test.site
        let done = try await test.post(), held = try await test.post(), lost = try await test.post()
        let claim = try #require(try await test.claim(done))
        _ = try await site.succeed(claim, TestSite.result())
        _ = try await test.claim(held)
        _ = try await test.claim(lost)
        try await test.run("UPDATE {transcoder_jobs} SET attempts = -5 WHERE file_id = \(held.id)")
        try await test.run("UPDATE {transcoder_jobs} SET source_size = -1 WHERE file_id = \(done.id)")
        try await test.run("UPDATE {transcoder_jobs} SET state = 'dancing' WHERE file_id = \(lost.id)")
        #expect(try await site.list(.running, limit: 10) == [])
        #expect(try await site.finished(limit: 10) == [])
        let table = "\(test.fixture.settings.prefix)transcoder_jobs"
        #expect(site.notices == [
            "The row of file \(done.id) in \(table) is skipped: its source_size is -1.",
            "The row of file \(held.id) in \(table) is skipped: its attempts is -5.",
            "The row of file \(lost.id) in \(table) is skipped: its state is \"dancing\".",
        ])
        guard database == .sqlite else { return }
        try await test.run("UPDATE {transcoder_jobs} SET leased_until = 'soon' WHERE file_id = \(held.id)")
        #expect(try await site.claimRows() == [])
        #expect(site.notices.contains { $0.hasSuffix("its leased_until is \"soon\".") })
        try await test.run("UPDATE {transcoder_jobs} SET forget_cache = 0.5 WHERE file_id = \(done.id)")
        #expect(try await site.staleDetails(limit: 10) == [])
        #expect(site.notices.contains { $0.hasSuffix("its forget_cache is 0.5.") })
    }

    @Test func aLineEndInANameEndsNoLine() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        try await test.run("UPDATE {files} SET fid = 'a\n2026 error: forged' WHERE id = \(file.id)")
        let label = try #require(try await test.site.file(id: file.id)).label
        #expect(label == "file \(file.id) (a 2026 error: forged)")
    }
}
