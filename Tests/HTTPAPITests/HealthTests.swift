import Foundation
import Jobs
import Site
import SiteFixture
import SQL
import TestSupport
import Testing
@testable import Execution
@testable import Observability
@testable import HTTPAPI

@Suite struct HealthTests {
    @Test func aLoopThatDoesNotTurnIsNoticed() {
        let heartbeat = Heartbeat()
        let now = ContinuousClock.now
        heartbeat.turn()
        #expect(heartbeat.isBeating(at: now + Heartbeat.longestTurn - .seconds(1)))
        #expect(!heartbeat.isBeating(at: now + Heartbeat.longestTurn + .seconds(60)))
        heartbeat.rest(for: .seconds(3600))
        #expect(heartbeat.isBeating(at: now + .seconds(3600)), "it rests as long as it said")
        #expect(!heartbeat.isBeating(at: now + .seconds(3600) + Heartbeat.longestTurn + .seconds(60)))
        heartbeat.turn()
        #expect(!heartbeat.isBeating(at: now + .seconds(3600)), "whoever has been woken is busy")
    }

    @Test func readyIsWhoCouldClaim() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let board = context.board()
        let health = Health(site: context.site, board: board)
        #expect(health.standstill() == nil)
        #expect(health.standstill(at: .now + Heartbeat.longestTurn + .seconds(60))?.hasPrefix("The daemon's main loop has stalled") == true)
        #expect(await health.hindrance() == "The daemon is starting.")
        board.set(state: .running)
        #expect(await health.hindrance() == nil)
        board.set(databaseReachable: false)
        #expect(await health.hindrance() == "The last query of the site's database failed.")
        board.set(databaseReachable: true)
        board.set(state: .draining)
        #expect(await health.hindrance() == "The daemon is draining.")
        board.set(state: .running)
        await context.site.close()
        #expect(try #require(await health.hindrance()).hasPrefix("No file can be claimed: "))
    }

    @Test func aTableThatIsGoneIsMadeAgain() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let board = context.board()
        board.set(state: .running)
        let table = site.fixture.table("transcoder_jobs")
        try await context.site.database.define("DROP TABLE \(table)")
        #expect(await Health(site: context.site, board: board).hindrance() == nil)
        #expect(context.site.notices.contains { $0.contains("was created again") })
        await context.site.close()
    }

    @Test func aDatabaseThatIsAwayIsNoReadiness() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let board = context.board()
        board.set(state: .running)
        let health = Health(site: context.site, board: board)
        let path = site.fixture.databasePath
        #expect(rename(path, path + ".away") == 0)
        #expect(try #require(await health.hindrance()).contains("the open file is gone"))
        #expect(rename(path + ".away", path) == 0)
        #expect(await health.hindrance() == nil)
        await context.site.close()
    }

    /// Nobody is kept waiting by a database that is locked, and nobody else asks it meanwhile.
    @Test func aDatabaseThatDoesNotAnswerIsToldInTime() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let board = context.board()
        board.set(state: .running)
        let health = Health(site: context.site, board: board)
        let (locked, lock) = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let table = site.fixture.table("transcoder_jobs")
        async let writing: Void = site.fixture.database.write { session in
            try session.execute("DELETE FROM \(table) WHERE file_id = -7")
            lock.yield()
            gate.wait()
        }
        for await _ in locked { break }
        #expect(await health.hindrance() == "The site's database does not answer.")
        gate.signal()
        try await writing
        try await until("it answers again") { await health.hindrance() == nil }
        await context.site.close()
    }

    @Test func whoAsksWritesNothing() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        try await context.site.checkClaimable()
        let before = try await version(context)
        for _ in 0..<5 { try await context.site.checkClaimable() }
        #expect(try await version(context) == before)
        await context.site.close()
    }

    /// Rises with every change that another connection commits.
    private func version(_ context: WorkerContext) async throws -> Int64? {
        try await context.site.database.read { try $0.query("PRAGMA data_version").first?.int("data_version") }
    }
}
