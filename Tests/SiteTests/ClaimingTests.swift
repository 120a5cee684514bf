import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

@Suite struct ClaimingTests {
    @Test(arguments: TestSite.kinds)
    func aClaimTakesTheFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let before = Date()
        let claim = try #require(try await test.claim(file))
        let after = Date()
        #expect(claim == Claim(fileID: file.id, token: 1, path: file.path, attempt: 1))
        #expect(try await test.fixture.file(file.id).state == 2)
        #expect(try await test.waiting() == [])
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .running && job.owner == TestSite.me && job.token == 1 && job.attempts == 0)
        #expect(job.sourcePath == file.path)
        // The columns count whole seconds.
        let end = try #require(job.leasedUntil)
        #expect(end >= before + 59 && end <= after + 61)
    }

    @Test(arguments: TestSite.kinds)
    func aSecondClaimOfTheSameFileIsRefused(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let other = try await test.another()
        let file = try await test.post()
        #expect(try await test.claim(file) != nil)
        #expect(try await other.claim(file.id, path: file.path, owner: TestSite.other, lease: .seconds(60), force: true) == nil)
        #expect(try await test.site.job(of: file.id)?.owner == TestSite.me)
        await other.close()
    }

    /// Two workers on two connections, all at once: each file goes to exactly one.
    @Test(arguments: TestSite.databases)
    func claimsAreExclusive(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        var files: [Upload] = []
        for _ in 0..<12 { files.append(try await test.post()) }
        let sites = [test.site, try await test.another(), try await test.another()]
        let claims = try await withThrowingTaskGroup(of: Claim?.self) { group in
            for (number, site) in sites.enumerated() {
                let owner = Owner(host: "here", bootID: "boot", pid: Int32(number + 1), startTime: 1)
                for file in files.shuffled() {
                    group.addTask {
                        try await site.claim(file.id, path: file.path, owner: owner, lease: .seconds(60), force: false)
                    }
                }
            }
            return try await group.reduce(into: [Claim]()) { if let claim = $1 { $0.append(claim) } }
        }
        #expect(claims.map(\.fileID).sorted() == files.map(\.id).sorted())
        #expect(claims.allSatisfy { $0.token == 1 })
        for site in sites.dropFirst() { await site.close() }
    }

    @Test(arguments: TestSite.kinds)
    func whatIsNotOursCannotBeClaimed(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let files: [Query] = [
            "deleted_at = '2026-01-01 00:00:00'", "is_enabled = FALSE", "physical_deletion = TRUE", "type = 1", "type = 4",
            "transcoding_state = 2",
        ]
        let usages: [Query] = ["deleted_at = '2026-01-01 00:00:00'", "table_name = 'post_logs'"]
        let changes = files.map { "UPDATE {files} SET \($0) WHERE id = " as Query }
            + usages.map { "UPDATE {file_usages} SET \($0) WHERE file_id = " }
        for change in changes {
            let file = try await test.post()
            try await test.run("\(change)\(file.id)")
            for force in [false, true] {
                #expect(try await test.claim(file, force: force) == nil, "\(change)")
            }
            #expect(try await test.site.job(of: file.id) == nil, "\(change)")
        }
        let replaced = try await test.post()
        #expect(try await test.site.claim(replaced.id, path: "another.mov", owner: TestSite.me, lease: .seconds(60)) == nil)
    }

    @Test(arguments: TestSite.databases, [3, 4])
    func finishedFilesAreClaimedByForceOnly(database: SQLDialect, state: Int) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        try await test.run("UPDATE {files} SET transcoding_state = \(state), transcoding_reason = 'old' WHERE id = \(file.id)")
        #expect(try await test.claim(file) == nil)
        let claim = try #require(try await test.claim(file, force: true))
        #expect(claim.attempt == 1)
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 2 && row.reason == nil)
    }

    @Test(arguments: TestSite.databases)
    func forceWorksFromTheKeptOriginal(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        try await test.run("UPDATE {files} SET transcoding_state = 3, original_path = 'videos/source.mov' WHERE id = \(file.id)")
        let claim = try #require(try await test.claim(file, force: true))
        #expect(claim.path == file.path && claim.source == "videos/source.mov")
        #expect(try await test.site.job(of: file.id)?.sourcePath == "videos/source.mov")
    }

    // MARK: keeping

    @Test(arguments: TestSite.databases)
    func aRenewedLeaseHoldsOn(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let claim = try #require(try await test.claim(test.post(), lease: .seconds(5)))
        #expect(try await test.site.renew(claim, lease: .seconds(500)))
        let left = try #require(try await test.site.job(of: claim.fileID)?.leasedUntil).timeIntervalSinceNow
        #expect(left > 400)
    }

    @Test(arguments: TestSite.kinds)
    func aFileChangedUnderOurFeetEndsTheClaim(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        for change in [
            "deleted_at = '2026-01-01 00:00:00'", "is_enabled = FALSE", "physical_deletion = TRUE", "path = 'videos/other#'",
        ] {
            let file = try await test.post()
            let claim = try #require(try await test.claim(file))
            try await test.run("UPDATE {files} SET \(sql: change.replacing("#", with: "\(file.id)")) WHERE id = \(file.id)")
            #expect(try await test.site.renew(claim, lease: .seconds(60)) == false, "\(change)")
            // Put back, so that it is found again once it is restored.
            #expect(try await test.fixture.file(file.id).state == 1, "\(change)")
            #expect(try await test.site.job(of: file.id)?.state == .waiting, "\(change)")
            #expect(try await test.site.willPublish(claim, output: "a", poster: nil, workNames: []) == false)
            #expect(try await test.site.succeed(claim, TestSite.result()) == false)
        }
    }

    @Test(arguments: TestSite.databases)
    func aStateSetByOthersIsLeftAsItIs(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        try await test.run("UPDATE {files} SET transcoding_state = 4, transcoding_reason = 'theirs' WHERE id = \(file.id)")
        #expect(try await test.site.renew(claim, lease: .seconds(60)) == false)
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 4 && row.reason == "theirs")
    }

    // MARK: giving back

    @Test(arguments: TestSite.kinds)
    func aHandBackDoesNotCount(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.handBack(claim))
        #expect(try await test.fixture.file(file.id).state == 1)
        #expect(try await test.waiting() == [file.id])
        #expect(try await test.site.handBack(claim) == false)
        #expect(try await test.site.renew(claim, lease: .seconds(60)) == false)
        let next = try #require(try await test.claim(file))
        #expect(next.token == 2 && next.attempt == 1)
    }

    @Test(arguments: TestSite.databases)
    func aFileSetBackInMidJobChangesHands(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let first = try #require(try await test.claim(file))
        try await test.run("UPDATE {files} SET transcoding_state = 1 WHERE id = \(file.id)")
        let second = try #require(try await test.claim(file, owner: TestSite.other))
        #expect(second.token == 2)
        #expect(try await test.site.renew(first, lease: .seconds(60)) == false)
        #expect(try await test.site.handBack(first) == false)
        #expect(try await test.site.succeed(first, TestSite.result()) == false)
        #expect(try await test.site.fail(first, Verdict(.notConvertible), retryAt: nil) == false)
        // None of that touched the second one's.
        #expect(try await test.fixture.file(file.id).state == 2)
        #expect(try await test.site.renew(second, lease: .seconds(60)))
    }

    @Test(arguments: TestSite.databases)
    func countsTellWhatThereIs(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        var files: [Upload] = []
        for _ in 0..<6 { files.append(try await test.post()) }
        _ = try await test.claim(files[0])
        let retrying = try #require(try await test.claim(files[1]))
        _ = try await test.site.fail(retrying, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date(timeIntervalSinceNow: 900))
        let failed = try #require(try await test.claim(files[2]))
        _ = try await test.site.fail(failed, Verdict(.notConvertible), retryAt: nil)
        let done = try #require(try await test.claim(files[3]))
        _ = try await test.site.succeed(done, TestSite.result())
        #expect(try await test.site.counts() == SiteCounts(waiting: 2, running: 1, retrying: 1, failed: 1))
        #expect(try await test.site.unfinished() == 4)
        // Another program's work is not ours to wait for.
        try await test.run("UPDATE {files} SET transcoding_state = 2 WHERE id = \(files[5].id)")
        #expect(try await test.site.unfinished() == 3)
    }
}
