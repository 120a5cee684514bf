import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// The database's clock, and ours, are put right or go wrong by hours and years while jobs are held and wait.
@Suite struct ClockJumpTests {
    /// Years and hours, either way: what the rows hold looks as old, or as new, to the clock that jumped.
    static let jumps: [Int64] = [2 * 3_600_000, -2 * 3_600_000, 3 * 365 * 86_400_000, -3 * 365 * 86_400_000]
    private static let start = ContinuousClock.now

    private func jump(_ test: TestSite, by milliseconds: Int64) async throws {
        try await test.run(
            """
            UPDATE {transcoder_jobs} SET leased_until = leased_until - \(milliseconds), updated_at = updated_at - \(milliseconds), \
            next_at = next_at - \(milliseconds), claimed_at = claimed_at - \(milliseconds)
            """)
    }

    private func reclaim(_ test: TestSite, after seconds: Int, isAlive: Bool = true) async throws -> [Int64] {
        try await test.site.reclaimLost(
            isAlive: { _ in isAlive }, thisHost: "here", watchTime: .seconds(30), at: Self.start + .seconds(seconds))
    }

    @Test(arguments: TestSite.databases, jumps)
    func whoLivesKeepsHisJob(database: SQLDialect, milliseconds: Int64) async throws {
        let test = try await TestSite(.init(database: database))
        let claim = try #require(try await test.claim(try await test.post()))
        #expect(try await reclaim(test, after: 0) == [])
        try await jump(test, by: milliseconds)
        #expect(try await reclaim(test, after: 1) == [])
        #expect(try await test.site.renew(claim, lease: .seconds(60)))
        #expect(try await reclaim(test, after: 32) == [])
        #expect(try await test.site.renew(claim, lease: .seconds(60)))
    }

    @Test(arguments: TestSite.databases, jumps)
    func whoRenewsNoMoreLosesIt(database: SQLDialect, milliseconds: Int64) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        _ = try await test.claim(file)
        try await jump(test, by: milliseconds)
        #expect(try await reclaim(test, after: 0) == [])
        // As long as it was given for, by our own clock.
        #expect(try await reclaim(test, after: 61) == [file.id])
        #expect(try await test.waiting() == [file.id])
    }

    @Test func theDeadLoseItAtOnce() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        _ = try await test.claim(file)
        try await jump(test, by: -3 * 365 * 86_400_000)
        #expect(try await reclaim(test, after: 0, isAlive: false) == [file.id])
    }

    @Test(arguments: TestSite.databases, jumps)
    func noTryIsParked(database: SQLDialect, milliseconds: Int64) async throws {
        let test = try await TestSite(.init(database: database))
        test.site.set(longestWait: .seconds(3600))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAfter: .seconds(1800)))
        #expect(try await test.waiting() == [])
        try await jump(test, by: milliseconds)
        #expect(try await test.waiting() == [file.id])
        #expect(try await test.site.nextRetry() == nil)
        #expect(try await test.claim(file) != nil)
    }

    @Test func noWaitIsLongerThanTheLongest() async throws {
        let test = try await TestSite()
        test.site.set(longestWait: .seconds(60))
        let claim = try #require(try await test.claim(try await test.post()))
        #expect(try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAfter: .seconds(Int64.max)))
        let next = try #require(try await test.site.nextRetry())
        #expect(next.timeIntervalSinceNow < 61)
    }
}
