import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

/// The database is not ours: its journal mode stays, and nobody else waits for our jobs.
@Suite struct JournalTests {
    /// Bytes 18 and 19 of a SQLite file: 1 for a rollback journal, 2 for WAL.
    private func mode(_ test: TestSite) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: test.fixture.databasePath))[18...19])
    }

    @Test func theRollbackJournalStays() async throws {
        let test = try await TestSite()
        #expect(try mode(test) == [1, 1])
        let claim = try #require(try await test.claim(test.post()))
        #expect(try await test.site.renew(claim, lease: .seconds(60)))
        #expect(try await test.site.succeed(claim, TestSite.result()))
        await test.site.close()
        #expect(try mode(test) == [1, 1])
        let left = try FileManager.default.contentsOfDirectory(atPath: test.fixture.root + "/database")
        #expect(left == ["database.sqlite"])
    }

    @Test func noLockIsHeldWhileAJobRuns() async throws {
        let test = try await TestSite()
        let claim = try #require(try await test.claim(test.post()))
        _ = try await test.waiting()
        // Any lock of ours, a reader's included, would make this busy at once.
        let hasty = try SQLiteDatabase(path: test.fixture.databasePath, lockTimeout: .zero)
        try await hasty.write { session in
            try session.execute("UPDATE fs_posts SET updated_at = '2026-01-01 00:00:00'")
        }
        await hasty.close()
        #expect(try await test.site.handBack(claim))
    }
}
