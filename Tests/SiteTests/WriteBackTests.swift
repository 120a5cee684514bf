import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

@Suite struct WriteBackTests {
    @Test(arguments: TestSite.kinds)
    func aVideosResultIsWhatTheColumnsSay(kind: FixtureSite.Settings) async throws {
        let moment = try Date("2026-01-31T23:30:15Z", strategy: .iso8601)
        let test = try await TestSite(kind, now: { moment })
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.succeed(claim, TestSite.result()))

        let row = try await test.fixture.file(file.id)
        #expect(row.state == 3 && row.reason == nil)
        #expect(row.path == "videos/posts/202601/02/new.mp4" && row.originalPath == file.path)
        #expect(row.posterPath == "videos/posts/202601/02/new.jpg")
        #expect(row.mime == "video/mp4" && row.ending == "mp4" && row.size == 123_456)
        #expect(row.sha == String(repeating: "a", count: 64) && row.shaType == "sha256")
        #expect(row.width == 1280 && row.height == 720 && row.duration == 12)
        #expect(row.updatedAt == "2026-02-01 07:30:15")  // Singapore.
        #expect(row.name == "clip.mov" && row.fid == file.fid)
        switch kind.edition {
        case .v2:
            #expect(row.md5 == String(repeating: "b", count: 32))
            #expect(row.columns["video_time"] == "12" && row.columns["audio_time"] == nil)
        case .v3:
            #expect(row.columns["duration"] == "12")
        }
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .done && job.owner == nil && job.outputPath == row.path && job.posterPath == row.posterPath)
        #expect(job.attempts == 1 && job.finishedAt != nil)
        #expect(try await test.waiting() == [])
    }

    /// The fixtures' servers are as strict as a site's: what follows is seen to be needed.
    @Test(arguments: TestSite.kinds.filter { $0.database != .sqlite })
    func aServerRefusesWhatDoesNotFit(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let length = kind.edition == .v2 ? "video_time" : "duration"
        for (column, value) in [
            ("transcoding_reason", SQLValue.text(String(repeating: "界", count: 256))), ("size", 5_000_000_000), (length, 100_000),
        ] {
            let refusal = await #expect(throws: SQLError.self) {
                try await test.run("UPDATE {files} SET \(sql: column) = \(value) WHERE id = \(file.id)")
            }
            #expect(refusal?.code == .constraint, "\(column)")
        }
        try await test.run("UPDATE {files} SET transcoding_reason = \(String(repeating: "😀", count: 255))")
    }

    /// Strict databases would refuse the whole of it.
    @Test(arguments: TestSite.kinds)
    func whatIsTooLargeForItsColumnIsTheColumnsLargest(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        var result = TestSite.result()
        result.size = 5_000_000_000
        result.duration = 100_000
        result.remarks = [.earlier(String(repeating: "😀", count: 300))]
        #expect(try await test.site.succeed(claim, result))
        let row = try await test.fixture.file(file.id)
        let (size, duration): (Int64, Int64) =
            switch kind.database {
            case .sqlite: (5_000_000_000, 100_000)
            case .mariadb: (4_294_967_295, 65535)
            case .postgresql: (2_147_483_647, 32767)
            }
        #expect(row.size == size && row.duration == duration && row.width == 1280)
        // Characters, and not their 1020 bytes.
        #expect(row.reason == String(repeating: "😀", count: 254) + "…")
    }

    @Test(arguments: TestSite.kinds)
    func aRecordingsLengthGoesWhereItBelongs(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.fixture.publish(nil, as: .message, name: "voice.mp3").file
        let claim = try #require(try await test.claim(file))
        let result = FileResult(
            newPath: "audios/new.m4a", posterPath: nil, mime: "audio/mp4", extension: "m4a", size: 5, sha256: "ab", duration: 61)
        #expect(try await test.site.succeed(claim, result))
        let row = try await test.fixture.file(file.id)
        #expect(row.duration == 61 && row.width == nil && row.posterPath == nil && row.mime == "audio/mp4")
        if kind.edition == .v2 { #expect(row.columns["audio_time"] == "61" && row.columns["video_time"] == nil) }
    }

    @Test(arguments: TestSite.kinds)
    func aSourceThatWasRightStays(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        var result = TestSite.result(path: nil)
        result.remarks = [.earlier("The file was right already.")]
        #expect(try await test.site.succeed(claim, result))
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 3 && row.path == file.path && row.originalPath == nil)
        #expect(row.posterPath == result.posterPath && row.sha == result.sha256 && row.reason == "The file was right already.")
        #expect(try await test.site.job(of: file.id)?.outputPath == nil)
    }

    /// An upgraded site carries both versions' columns: none is left behind the other.
    @Test(arguments: TestSite.databases)
    func aMixtureOfColumnsIsFilledThroughout(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        for column in ["width", "height", "duration"] { try await test.run("ALTER TABLE {files} ADD COLUMN \(sql: column) INTEGER") }
        let site = try await test.another()
        let file = try await test.post()
        let claim = try #require(try await site.claim(file.id, path: file.path, owner: TestSite.me, lease: .seconds(60)))
        #expect(try await site.succeed(claim, TestSite.result()))
        let row = try #require(
            try await test.run("SELECT width, image_width, height, image_height, duration, video_time, audio_time FROM {files}").first)
        #expect(row.values == [.integer(1280), .integer(1280), .integer(720), .integer(720), .integer(12), .integer(12), .null])
        let read = try #require(try await site.file(id: file.id))
        #expect(read.width == 1280 && read.height == 720 && read.duration == 12)
        await site.close()
    }

    /// Up to v2.5 the poster was a cover; up to v2.10 the column was `is_enable`.
    @Test(arguments: TestSite.databases)
    func oldNamesOfColumnsAreKnown(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        try await test.run("ALTER TABLE {files} RENAME COLUMN video_poster_path TO video_cover_path")
        try await test.run("ALTER TABLE {files} RENAME COLUMN is_enabled TO is_enable")
        let site = try await test.another()
        let file = try await test.post()
        let claim = try #require(try await site.claim(file.id, path: file.path, owner: TestSite.me, lease: .seconds(60)))
        #expect(try await site.succeed(claim, TestSite.result()))
        #expect(try await site.file(id: file.id)?.posterPath == TestSite.result().posterPath)
        let disabled = try await test.post()
        try await test.run("UPDATE {files} SET is_enable = FALSE WHERE id = \(disabled.id)")
        #expect(try await site.waiting(limit: 9).isEmpty)
        await site.close()
    }

    // MARK: guards

    @Test(arguments: TestSite.kinds)
    func rowsThatChangedRefuseTheResult(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        for change in [
            "deleted_at = '2026-01-01 00:00:00'", "is_enabled = FALSE", "physical_deletion = TRUE", "path = 'videos/other#'",
        ] {
            for succeeds in [true, false] {
                let file = try await test.post()
                let claim = try #require(try await test.claim(file))
                try await test.run("UPDATE {files} SET \(sql: change.replacing("#", with: "\(file.id)")) WHERE id = \(file.id)")
                let before = try await test.fixture.file(file.id)
                let written =
                    succeeds
                    ? try await test.site.succeed(claim, TestSite.result(path: "videos/new\(file.id)"))
                    : try await test.site.fail(claim, Verdict(.notConvertible), retryAt: nil)
                #expect(!written, "\(change)")
                let after = try await test.fixture.file(file.id)
                #expect(after.path == before.path && after.originalPath == nil && after.sha == nil && after.reason == nil)
                #expect(after.state == 1, "\(change)")
                #expect(try await test.site.job(of: file.id)?.state == .waiting)
            }
        }
    }

    @Test(arguments: TestSite.databases, [1, 3, 4])
    func aStateOtherThanTwoRefusesTheResult(database: SQLDialect, state: Int64) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        try await test.run("UPDATE {files} SET transcoding_state = \(state) WHERE id = \(file.id)")
        #expect(try await test.site.succeed(claim, TestSite.result()) == false)
        let row = try await test.fixture.file(file.id)
        #expect(row.state == state && row.path == file.path)
    }

    /// Frozen past its lease while another took over, and come back.
    @Test(arguments: TestSite.kinds)
    func aLateWriterIsRefused(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let second = try await test.another()
        let file = try await test.post()
        let late = try #require(try await test.claim(file, lease: .seconds(-1)))
        #expect(try await second.reclaimLost(isAlive: { _ in true }, thisHost: "there") == [file.id])
        #expect(try await test.site.renew(late, lease: .seconds(60)) == false)
        #expect(try await test.site.willPublish(late, output: "late") == false)
        let claim = try #require(try await second.claim(file.id, path: file.path, owner: TestSite.other, lease: .seconds(60)))
        #expect(claim.token > late.token)
        #expect(try await second.succeed(claim, TestSite.result(path: "videos/second.mp4")))
        #expect(try await test.site.succeed(late, TestSite.result(path: "videos/late.mp4")) == false)
        #expect(try await test.site.fail(late, Verdict(.notConvertible), retryAt: nil) == false)
        #expect(try await test.site.handBack(late) == false)
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 3 && row.path == "videos/second.mp4" && row.originalPath == file.path)
        await second.close()
    }

    @Test(arguments: TestSite.databases)
    func aFileThatIsGoneRefusesTheResult(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        try await test.run("DELETE FROM {files} WHERE id = \(file.id)")
        #expect(try await test.site.succeed(claim, TestSite.result()) == false)
        #expect(try await test.site.unfinished() == 0)
    }

    // MARK: again

    @Test(arguments: TestSite.kinds)
    func forceNeverReplacesTheOriginal(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        for number in 1...3 {
            let claim = try #require(try await test.claim(file, force: number > 1))
            #expect(claim.source == file.path && claim.token == Int64(number))
            let result = TestSite.result(path: "videos/out\(number).mp4", poster: "videos/out\(number).jpg")
            #expect(try await test.site.willPublish(claim, output: result.newPath, poster: result.posterPath))
            #expect(try await test.site.succeed(claim, result))
            let row = try await test.fixture.file(file.id)
            #expect(row.path == "videos/out\(number).mp4" && row.originalPath == file.path)
        }
        // What the earlier ones published is nobody's now.
        let leftovers = try await test.site.leftovers(limit: 10)
        #expect(leftovers.flatMap(\.paths).sorted() == ["videos/out1.jpg", "videos/out1.mp4", "videos/out2.jpg", "videos/out2.mp4"])
    }

    /// The original turned out to be right: it is what plays, and it is never taken for an output of ours.
    @Test(arguments: TestSite.databases)
    func forceMayComeBackToTheOriginal(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let first = try #require(try await test.claim(file))
        #expect(try await test.site.succeed(first, TestSite.result(path: "videos/out.mp4", poster: nil)))
        for _ in 0..<2 {
            let again = try #require(try await test.claim(file, force: true))
            #expect(try await test.site.succeed(again, TestSite.result(path: nil, poster: nil)))
            #expect(try await test.fixture.file(file.id).path == file.path)
        }
        #expect(try await test.site.leftovers(limit: 10).flatMap(\.paths) == ["videos/out.mp4"])
    }

    /// Somebody sets a finished row back to 1: its original is kept all the same.
    @Test(arguments: TestSite.databases)
    func aRowSetBackKeepsItsOriginal(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let first = try #require(try await test.claim(file))
        #expect(try await test.site.succeed(first, TestSite.result(path: "videos/one.mp4")))
        try await test.run("UPDATE {files} SET transcoding_state = 1")
        let second = try #require(try await test.claim(file))
        #expect(second.attempt == 1)
        #expect(try await test.site.succeed(second, TestSite.result(path: "videos/two.mp4")))
        #expect(try await test.fixture.file(file.id).originalPath == file.path)
    }

    // MARK: failures

    @Test(arguments: TestSite.kinds)
    func aPermanentFailureIsFour(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        let verdict = Verdict(.undecodableTracks(codecs: "界界"), detail: "the whole story")
        #expect(try await test.site.fail(claim, verdict, retryAt: nil))
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 4 && row.path == file.path && row.originalPath == nil)
        #expect(row.reason == verdict.reason)
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.state == .failed && job.code == "damaged" && job.detail == "the whole story" && job.attempts == 1)
        #expect(try await test.site.jobs(in: .failed, limit: 5).map(\.fileID) == [file.id])
        #expect(try await test.waiting() == [])
    }

    @Test(arguments: TestSite.kinds)
    func aTransientFailureWaitsForItsTime(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        let later = Date(timeIntervalSinceNow: 3600)
        #expect(try await test.site.fail(claim, Verdict(.crash(signal: "SIGSEGV")), retryAt: later))
        let row = try await test.fixture.file(file.id)
        #expect(row.state == 1 && row.reason == nil)
        #expect(try await test.waiting() == [])
        #expect(try await test.site.unfinished() == 1)
        let next = try #require(try await test.site.nextRetry())
        #expect(abs(next.timeIntervalSince(later)) < 60)
        // Not by a worker that saw it waiting a moment ago either; by a person, yes.
        #expect(try await test.claim(file) == nil)
        let asked = try await test.site.claim(file.id, path: file.path, owner: TestSite.me, lease: .seconds(60), early: true)
        #expect(asked?.attempt == 2)
        #expect(try await test.site.nextRetry() == nil)
    }

    @Test(arguments: TestSite.databases)
    func triesAreCountedByVerdicts(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        for attempt in 1...3 {
            let claim = try #require(try await test.claim(file))
            #expect(claim.attempt == attempt)
            // What befell the daemon, and not the job, is no try.
            #expect(try await test.site.fail(claim, Verdict(.databaseUnreachable), retryAt: Date(timeIntervalSinceNow: -1)))
            let again = try #require(try await test.claim(file))
            #expect(again.attempt == attempt)
            #expect(try await test.waiting() == [])
            #expect(try await test.site.fail(again, Verdict(.standstill(seconds: 300)), retryAt: Date(timeIntervalSinceNow: -1)))
            #expect(try await test.waiting() == [file.id])
        }
        #expect(try await test.site.job(of: file.id)?.attempts == 3)
        // A fresh start: somebody gave up, and somebody set it back.
        let last = try #require(try await test.claim(file))
        #expect(try await test.site.fail(last, Verdict(.notConvertible), retryAt: nil))
        try await test.run("UPDATE {files} SET transcoding_state = 1")
        #expect(try await test.claim(file)?.attempt == 1)
    }

    @Test(arguments: TestSite.databases)
    func nextRetryIsTheEarliestOfFilesThatStillWait(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        #expect(try await test.site.nextRetry() == nil)
        var moments: [Date] = []
        for minutes in [30.0, 10, 20] {
            let file = try await test.post()
            let claim = try #require(try await test.claim(file))
            moments.append(Date(timeIntervalSinceNow: minutes * 60))
            _ = try await test.site.fail(claim, Verdict(.diskError), retryAt: moments.last)
        }
        #expect(abs(try #require(try await test.site.nextRetry()).timeIntervalSince(moments[1])) < 60)
        try await test.run("UPDATE {files} SET is_enabled = FALSE WHERE id = 2")
        #expect(abs(try #require(try await test.site.nextRetry()).timeIntervalSince(moments[2])) < 60)
    }

    /// Another film in the place of one that was done: what we made of the first is ours to remove, and the second has an
    /// original of its own.
    @Test(arguments: TestSite.databases)
    func aReplacedUploadHasItsOwnOriginal(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        var first = TestSite.result()
        (first.newPath, first.posterPath) = ("videos/n1.mp4", "videos/n1.jpg")
        #expect(try await test.site.succeed(#require(try await test.claim(file)), first))
        try await test.run("UPDATE {files} SET path = 'videos/s2.mov', transcoding_state = 1")
        var second = first
        (second.newPath, second.posterPath) = ("videos/n2.mp4", "videos/n2.jpg")
        #expect(try await test.site.succeed(#require(try await test.claim(file)), second))
        let row = try await test.fixture.file(file.id)
        #expect(row.path == "videos/n2.mp4" && row.originalPath == "videos/s2.mov")
        #expect(try await test.site.leftovers(limit: 9).flatMap(\.paths).sorted() == ["videos/n1.jpg", "videos/n1.mp4"])

        // A third that is right as it is: the second's original is none of its business.
        try await test.run("UPDATE {files} SET path = 'videos/s3.mp4', transcoding_state = 1")
        var third = first
        (third.newPath, third.posterPath) = (nil, "videos/n3.jpg")
        #expect(try await test.site.succeed(#require(try await test.claim(file)), third))
        let last = try await test.fixture.file(file.id)
        #expect(last.path == "videos/s3.mp4" && last.originalPath == nil)
    }

    /// What replaces an upload is what the row names, whatever it named before.
    @Test func aScrubbedOriginalTakesThePlaceOfWhatIsOnRecord() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        try await test.run("UPDATE {files} SET original_path = path")
        var result = TestSite.result()
        result.original = .replaced(by: "videos/scrubbed.mov")
        #expect(try await test.site.succeed(#require(try await test.claim(file)), result))
        #expect(try await test.fixture.file(file.id).originalPath == "videos/scrubbed.mov")
        #expect(try await test.site.leftovers(limit: 9).flatMap(\.paths) == [file.path])
    }
}
