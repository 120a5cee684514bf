import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite struct RecoveryTests {
    /// Claims are TestSite.me's on host "here".
    private func reclaim(_ site: Site, alive: Bool, host: String = "here", policy: RetryPolicy = .init()) async throws -> [Int64] {
        try await site.reclaimLost(isAlive: { _ in alive }, thisHost: host, policy: policy)
    }

    @Test(arguments: TestSite.kinds)
    func deadOwnersOfThisHostLoseTheirJobsAtOnce(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await reclaim(test.site, alive: true) == [])
        #expect(try await reclaim(test.site, alive: false, host: "there") == [])
        #expect(try await test.fixture.file(file.id).state == 2)

        #expect(try await reclaim(test.site, alive: false) == [file.id])
        #expect(try await test.fixture.file(file.id).state == 1)
        #expect(try await test.waiting() == [file.id])
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .waiting && job.owner == nil && job.losses == 1 && job.attempts == 0)
        #expect(job.token == claim.token + 1)
        #expect(try await reclaim(test.site, alive: false) == [])
    }

    @Test(arguments: TestSite.databases)
    func theOwnerAskedForIsTheOneThatClaimed(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let mine = try await test.post(), theirs = try await test.post()
        _ = try await test.claim(mine)
        _ = try await test.claim(theirs, owner: TestSite.other)
        let lost = try await test.site.reclaimLost(isAlive: { $0 == TestSite.me }, thisHost: "here")
        #expect(lost == [theirs.id])
    }

    @Test(arguments: TestSite.kinds)
    func leasesThatRanOutAreTakenFromAnyHost(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let late = try await test.post(), live = try await test.post()
        _ = try await test.claim(late, lease: .seconds(-1))
        _ = try await test.claim(live, lease: .seconds(60))
        #expect(try await reclaim(test.site, alive: true, host: "there") == [late.id])
        #expect(try await test.fixture.file(live.id).state == 2)
    }

    /// The holder was only slow: it renews between our look and our taking.
    @Test func aLeaseRenewedMeanwhileIsLeftAlone() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file, lease: .seconds(-1)))
        let lost = try await test.site.reclaimLost(
            isAlive: { _ in
                #expect(throws: Never.self) { try test.shell("UPDATE fs_transcoder_jobs SET leased_until = 99999999999999") }
                return true
            }, thisHost: "here")
        #expect(lost == [])
        #expect(try await test.site.renew(claim, lease: .seconds(60)))
    }

    @Test(arguments: TestSite.kinds)
    func rowsInStateTwoThatAreNotOursAreLeftAlone(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let never = try await test.post()
        // One that we finished long ago, and another plugin works on now.
        let finished = try await test.post()
        let claim = try #require(try await test.claim(finished, lease: .seconds(-1)))
        #expect(try await test.site.succeed(claim, TestSite.result()))
        try await test.run("UPDATE {files} SET transcoding_state = 2")
        #expect(try await reclaim(test.site, alive: false) == [])
        #expect(try await test.fixture.file(never.id).state == 2)
        #expect(try await test.fixture.file(finished.id).state == 2)
        #expect(try await test.site.unfinished() == 0)
    }

    @Test(arguments: TestSite.databases)
    func lossesAreCountedApartAndCapped(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        var policy = RetryPolicy()
        policy.lossCap = 3
        for loss in 1...4 {
            let claim = try #require(try await test.claim(file))
            #expect(claim.attempt == 1)
            #expect(try await reclaim(test.site, alive: false, policy: policy) == [file.id])
            #expect(try await test.site.job(of: file.id)?.losses == loss)
        }
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 4 && row.reason?.contains("interrupted 4 times") == true)
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .failed && job.code == "lost")
        // By hand it begins anew.
        #expect(try await test.claim(file, force: true) != nil)
        #expect(try await test.site.job(of: file.id)?.losses == 0)
    }

    @Test(arguments: TestSite.databases)
    func aDeletedFilesJobIsFreedAndTheFileSetBack(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        _ = try await test.claim(file)
        try await test.run("UPDATE {files} SET deleted_at = '2026-01-01 00:00:00'")
        #expect(try await reclaim(test.site, alive: false) == [file.id])
        #expect(try await test.fixture.file(file.id).state == 1)
        #expect(try await test.waiting() == [])
    }

    // MARK: leftovers

    @Test(arguments: TestSite.databases)
    func namesOfALiveClaimAreNotSwept(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.willPublish(claim, workNames: ["videos/.a.part"]))
        #expect(try await test.site.job(of: file.id)?.state == .running)
        #expect(try await test.site.willPublish(claim, output: "videos/a.mp4", poster: "videos/a.jpg"))
        #expect(try await test.site.job(of: file.id)?.state == .publishing)
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == [])

        _ = try await reclaim(test.site, alive: false)
        let names = ["videos/.a.part", "videos/a.mp4", "videos/a.jpg"]
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == names)

        // The next claim's names are its own.
        let next = try #require(try await test.claim(file))
        #expect(try await test.site.willPublish(next, output: "videos/b.mp4"))
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == names)
        for leftover in try await test.site.leftovers(limit: 10) { try await test.site.forget(leftover.paths, of: leftover.fileID) }
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == [])
        #expect(try await test.site.job(of: file.id)?.names.entries.map(\.name) == ["videos/b.mp4"])
    }

    /// A maker that was frozen may wake up and make its file yet: the record is kept for as long as that can be.
    @Test(arguments: TestSite.databases)
    func aNameIsRememberedWithItsMaker(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.willPublish(claim, workNames: ["videos/.a"]))
        _ = try await reclaim(test.site, alive: false)
        func name() async throws -> Leftover.Name? { try await test.site.leftovers(limit: 10).first?.names.first }
        #expect(try await name() == Leftover.Name(path: "videos/.a", maker: TestSite.me, isOld: false))

        try await test.run("UPDATE {transcoder_jobs} SET work_names = replace(work_names, '\"at\":', '\"at\":-')")
        #expect(try await name()?.isOld == true)
        // What an older program recorded has no maker, and what a success has put out of use needs none.
        try await test.run(
            "UPDATE {transcoder_jobs} SET work_names = \(#"[{"token":1,"name":"videos/.b"}]"# as String)")
        #expect(try await name() == Leftover.Name(path: "videos/.b", maker: nil, isOld: false))
    }

    @Test(arguments: TestSite.databases)
    func aMakerForgetsItsOwnNamesOnly(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.willPublish(claim, workNames: ["videos/.a", "videos/.b"]))
        _ = try await reclaim(test.site, alive: false)
        let next = try #require(try await test.claim(file, owner: TestSite.other))
        #expect(try await test.site.willPublish(next, workNames: ["videos/.c"]))
        try await test.site.withdrawn(["videos/.a", "videos/.c"], by: claim)
        #expect(try await test.site.job(of: file.id)?.names.entries.map(\.name) == ["videos/.b", "videos/.c"])
        try await test.site.withdrawn(["videos/.c"], by: next)
        #expect(try await test.site.job(of: file.id)?.names.entries.map(\.name) == ["videos/.b"])
    }

    @Test(arguments: TestSite.kinds)
    func namesThatARowPlaysAreNotSwept(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.willPublish(claim, output: "videos/a.mp4", poster: "videos/a.jpg", workNames: ["videos/.w"]))
        _ = try await reclaim(test.site, alive: false)
        // Whoever wrote it: what the row names is in use.
        try await test.run("UPDATE {files} SET path = 'videos/a.mp4', video_poster_path = 'videos/a.jpg'")
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == ["videos/.w"])
        try await test.run("UPDATE {files} SET path = 'videos/z.mp4', original_path = 'videos/a.mp4', video_poster_path = NULL")
        #expect(try await test.site.leftovers(limit: 10).first?.paths == ["videos/a.jpg", "videos/.w"])
    }

    @Test(arguments: TestSite.databases)
    func aSuccessLeavesNothingToSweep(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let claim = try #require(try await test.claim(test.post()))
        let result = TestSite.result()
        #expect(try await test.site.willPublish(claim, output: result.newPath, poster: result.posterPath, workNames: [".w"]))
        #expect(try await test.site.succeed(claim, result))
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == [])
    }
}
