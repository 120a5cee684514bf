import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// What people do to jobs from another process.
@Suite struct RunningJobsTests {
    private static let media =
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/fixtures/media/old-phone.3gp"

    private func obeyed(_ result: ManualResult) -> Bool { if case .obeyed = result { true } else { false } }
    private func refusal(_ result: ManualResult) -> String? { if case .refused(let why) = result { why } else { nil } }

    @Test(arguments: TestSite.kinds)
    func aFailedFileIsDoneAgainAsIfNew(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.fail(claim, Verdict(.notConvertible), retryAt: nil)
        try await test.run("UPDATE {transcoder_jobs} SET losses = 7")
        #expect(obeyed(try await test.site.retry(file.id)))
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 1 && row.reason == nil)
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .waiting && job.attempts == 0 && job.losses == 0 && job.nextAt == nil && job.token > claim.token)
        #expect(try await test.waiting() == [file.id])
        #expect(try await test.claim(file)?.attempt == 1)
    }

    @Test func aFileThatWaitsOutItsBackoffIsDueNow() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date(timeIntervalSinceNow: 3600))
        #expect(try await test.waiting() == [])
        #expect(obeyed(try await test.site.retry(file.id)))
        #expect(try await test.waiting() == [file.id])
        #expect(obeyed(try await test.site.retry(file.id)), "to say it twice does no harm")
    }

    @Test(arguments: TestSite.kinds)
    func whatCannotBeTriedAgainIsNamed(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let running = try await test.post()
        let claim = try #require(try await test.claim(running))
        #expect(refusal(try await test.site.retry(running.id))?.contains("is running") == true)
        #expect(try await test.site.renew(claim, lease: .seconds(60)), "it goes on")
        #expect(try await test.site.succeed(claim, TestSite.result()))
        #expect(refusal(try await test.site.retry(running.id))?.contains("done") == true)
        #expect(refusal(try await test.site.retry(4711))?.contains("4711") == true)
        for decoy in Decoy.all(kind.edition) {
            let file = try await test.fixture.place(decoy, media: Self.media)
            let found = try #require(try await test.site.file(id: file.id))
            guard try await test.site.refusal(of: found) != nil else { continue }
            let before = try await test.fixture.file(file.id)
            #expect(refusal(try await test.site.retry(file.id)) != nil, "\(decoy)")
            #expect(refusal(try await test.site.cancel(file.id)) != nil, "\(decoy)")
            #expect(try await test.fixture.file(file.id) == before, "\(decoy)")
            #expect(try await test.site.job(of: file.id) == nil, "\(decoy)")
        }
    }

    @Test func allThatFailedButWasNotCancelled() async throws {
        let test = try await TestSite()
        var failed: [Int64] = []
        for _ in 0..<9 { failed.append(try await test.post().id) }
        let cancelled = failed.removeLast(), deleted = failed.removeLast()
        for id in failed + [deleted] {
            let path = try await test.fixture.file(id).path
            let claim = try #require(
                try await test.site.claim(id, path: path, owner: TestSite.me, lease: .seconds(60)))
            _ = try await test.site.fail(claim, Verdict(.notConvertible), retryAt: nil)
        }
        #expect(obeyed(try await test.site.cancel(cancelled)))
        try await test.run("UPDATE {files} SET deleted_at = '2026-01-01 00:00:00' WHERE id = \(deleted)")
        #expect(try await test.site.retryFailed(page: 3) == failed)
        #expect(Set(try await test.site.waiting(limit: 1000).map(\.file.id)) == Set(failed))
        for id in [cancelled, deleted] { #expect(try await test.fixture.file(id).state == 4) }
        #expect(try await test.site.retryFailed(page: 3) == [])
    }

    // MARK: cancelling

    @Test(arguments: TestSite.kinds)
    func aWaitingFileIsGivenUp(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        #expect(obeyed(try await test.site.cancel(file.id)))
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 4 && row.reason?.contains("cancelled") == true)
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .failed && job.code == "cancelled" && job.reason == row.reason)
        #expect(try await test.waiting() == [])
        #expect(refusal(try await test.site.cancel(file.id))?.contains("already cancelled") == true)
        #expect(obeyed(try await test.site.retry(file.id)), "a person may think again")
        #expect(try await test.waiting() == [file.id])
    }

    @Test(arguments: TestSite.kinds)
    func theHolderOfACancelledFileIsFencedOff(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        for isPublishing in [false, true] {
            let file = try await test.post()
            let claim = try #require(try await test.claim(file))
            if isPublishing { #expect(try await test.site.willPublish(claim, output: "videos/\(file.id).mp4")) }
            let other = try await test.another()
            #expect(obeyed(try await other.cancel(file.id)))
            await other.close()
            #expect(try await test.site.renew(claim, lease: .seconds(60)) == false)
            #expect(try await test.site.willPublish(claim, output: "videos/x.mp4") == false)
            #expect(try await test.site.succeed(claim, TestSite.result()) == false)
            #expect(try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date()) == false)
            #expect(try await test.site.handBack(claim) == false)
            let row = try await test.fixture.file(file.id)
            #expect(row.state == 4 && row.path == file.path)
            #expect(try await test.site.job(of: file.id)?.code == "cancelled")
            let names = isPublishing ? ["videos/\(file.id).mp4"] : []
            #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == names, "what it made is found")
        }
    }

    @Test func anotherProgramsWorkIsNotOursToCancel() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        try await test.run("UPDATE {files} SET transcoding_state = 2")
        #expect(refusal(try await test.site.cancel(file.id))?.contains("another program") == true)
        #expect(try await test.fixture.file(file.id).state == 2)
        try await test.run("UPDATE {files} SET transcoding_state = 3")
        #expect(refusal(try await test.site.cancel(file.id))?.contains("done") == true)
    }

    /// Its post was deleted, but not the file: it is still ours to stop.
    @Test func aRunningFileThatNothingUsesAnyMoreIsCancelled() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        _ = try #require(try await test.claim(file))
        try await test.run("UPDATE {file_usages} SET deleted_at = '2026-01-01 00:00:00'")
        #expect(obeyed(try await test.site.cancel(file.id)))
        #expect(try await test.fixture.file(file.id).state == 4)
    }

    // MARK: what the holder sees

    @Test(arguments: TestSite.kinds)
    func oneLookTellsWhichClaimsHold(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        var claims: [Claim] = []
        for _ in 0..<7 { claims.append(try #require(try await test.claim(test.post()))) }
        #expect(try await test.site.doubtful(among: claims) == [])
        #expect(try await test.site.doubtful(among: []) == [])
        let changes = [
            "deleted_at = '2026-01-01 00:00:00'", "is_enabled = FALSE", "physical_deletion = TRUE", "path = 'videos/other.mov'",
            "transcoding_state = 4",
        ]
        for (claim, change) in zip(claims, changes) {
            try await test.run("UPDATE {files} SET \(sql: change) WHERE id = \(claim.fileID)")
        }
        _ = try await test.site.cancel(claims[5].fileID)
        #expect(try await test.site.doubtful(among: claims) == Array(claims[..<6]))
    }

    // MARK: the list

    @Test(arguments: TestSite.kinds)
    func theListTellsEachStateOnce(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let begin = Date()
        var files: [Upload] = []
        for _ in 0..<5 { files.append(try await test.post()) }
        let running = try #require(try await test.claim(files[1]))
        let retrying = try #require(try await test.claim(files[2]))
        _ = try await test.site.fail(retrying, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date(timeIntervalSinceNow: 900))
        let failed = try #require(try await test.claim(files[3]))
        _ = try await test.site.fail(failed, Verdict(.notConvertible), retryAt: nil)
        let done = try #require(try await test.claim(files[4]))
        #expect(try await test.site.succeed(done, TestSite.result()))

        func list(_ state: ListedJob.State, limit: Int = 10) async throws -> [ListedJob] {
            try await test.site.list(state, limit: limit)
        }
        let waiting = try await list(.waiting)
        #expect(waiting.map(\.fileID) == [files[2].id, files[0].id])
        #expect(waiting[0].attempts == 1 && waiting[0].code == "crashed" && waiting[0].reason == "The media program crashed on this file (SIGSEGV).")
        #expect(try #require(waiting[0].nextAt).timeIntervalSinceNow > 800)
        #expect(waiting[1].attempts == 0 && waiting[1].nextAt == nil && waiting[1].code == nil)
        for job in waiting { #expect(try #require(job.age) <= Date().timeIntervalSince(begin) + 1) }
        #expect(try await list(.waiting, limit: 1).map(\.fileID) == [files[2].id])

        let held = try #require(try await list(.running).first)
        #expect(held.fileID == running.fileID && held.holder == TestSite.me && held.leasedUntil != nil && held.fid == files[1].fid)
        let broken = try #require(try await list(.failed).first)
        #expect(broken.fileID == files[3].id && broken.code == "damaged" && broken.name == "clip.mov" && broken.type == .video)
        #expect(try await list(.done).map(\.fileID) == [files[4].id])
        #expect(try await test.site.retrying(limit: 10).map(\.fileID) == [files[2].id])
    }
}
