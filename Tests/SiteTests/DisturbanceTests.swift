import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

/// What is done to a database while we have it open: restored, moved, updated.
@Suite struct DisturbanceTests {
    @Test(arguments: TestSite.databases)
    func ourTableIsMadeAgainAndNothingIsLost(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let held = try await test.post(), waiting = try await test.post()
        let claim = try #require(try await test.claim(held))
        try await test.run("DROP TABLE {transcoder_jobs}")
        #expect(try await test.waiting() == [waiting.id])
        #expect(test.site.incidents.tableMadeAt != nil)
        #expect(test.site.notices.contains { $0.contains("was created again") })
        // The token is nobody's by now: what was made is thrown away, and the file waits again.
        #expect(try await test.site.renew(claim, lease: .seconds(60)) == false)
        #expect(try await test.waiting() == [waiting.id, held.id])
        #expect(try await test.claim(held)?.token == 1)
    }

    /// A command that only looks makes no table.
    @Test func whoOnlyLooksMakesNothing() async throws {
        let test = try await TestSite()
        let other = try await test.another()
        try await test.run("DROP TABLE {transcoder_jobs}")
        await #expect { try await other.waiting(limit: 1) } throws: { ($0 as? SQLError)?.code == .noTable }
        #expect(try await other.claimRows() == [])
        await other.close()
    }

    @Test(arguments: TestSite.databases)
    func columnsThatChangeAreLookedAtAnew(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        let file = try await test.post()
        #expect(test.site.schema.posterColumn == "video_poster_path")
        #expect(try await test.waiting() == [file.id])
        try await test.run("ALTER TABLE {files} RENAME COLUMN video_poster_path TO video_cover_path")
        // The statement that meets it fails, to be tried again; the next ones are of the new columns.
        await #expect { try await test.site.waiting(limit: 1) } throws: { ($0 as? SQLError)?.isTransient == true }
        #expect(try await test.waiting() == [file.id])
        #expect(test.site.schema.posterColumn == "video_cover_path")
    }

    @Test func aFileThatIsAwayIsTriedAgain() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let path = test.fixture.databasePath
        #expect(rename(path, path + ".away") == 0)
        await #expect { try await test.site.waiting(limit: 1) } throws: { ($0 as? SQLError)?.code == .gone }
        #expect(!FileManager.default.fileExists(atPath: path), "nobody makes an empty one")
        #expect(rename(path + ".away", path) == 0)
        #expect(try await test.waiting() == [file.id])
    }

    /// A copy of before: what it does not know of is done anew, and what came since is not ours to bring back.
    @Test func aRestoredCopyIsServed() async throws {
        let test = try await TestSite()
        let first = try await test.post()
        let path = test.fixture.databasePath
        try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
        let claim = try #require(try await test.claim(first))
        #expect(rename(path + ".copy", path) == 0)
        #expect(try await test.site.succeed(claim, TestSite.result()) == false)
        let second = try await test.post()
        #expect(try await test.waiting() == [second.id, first.id])
        #expect(test.site.incidents.replacement?.count == 1)
        #expect(try await test.claim(first) != nil)
    }
}
