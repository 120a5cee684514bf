import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// Looking back at what was finished, for people.
@Suite struct FinishedJobsTests {
    private func finish(_ test: TestSite, _ name: String) async throws -> Upload {
        let file = try await test.post(name: name)
        let claim = try #require(try await test.claim(file))
        let (output, poster) = ("videos/\(name).mp4", "videos/\(name).jpg")
        #expect(try await test.site.willPublish(claim, output: output, poster: poster))
        #expect(try await test.site.succeed(claim, TestSite.result(path: output, poster: poster)))
        return file
    }

    private func fail(_ test: TestSite, _ name: String) async throws -> Upload {
        let file = try await test.post(name: name)
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.fail(claim, Verdict(.notConvertible), retryAt: nil))
        return file
    }

    @Test(arguments: TestSite.kinds)
    func theLatestComeFirst(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        #expect(try await test.site.finished(limit: 10) == [])
        let done = try await finish(test, "a"), failed = try await fail(test, "b")
        let other = try await finish(test, "c")
        for (file, moment) in [(done, 1000), (failed, 2000), (other, 3000)] {
            try await test.run("UPDATE {transcoder_jobs} SET claimed_at = \(moment - 500), finished_at = \(moment) WHERE file_id = \(file.id)")
        }
        let all = try await test.site.finished(limit: 10)
        #expect(all.map(\.fileID) == [other.id, failed.id, done.id] && all.map(\.isDone) == [true, false, true])
        #expect(try await test.site.finished(limit: 2).map(\.fileID) == [other.id, failed.id])
        let (first, second) = (all[0], all[1])
        #expect(first.name == "c" && first.type == .video && first.hasPoster && first.seconds == 0.5 && first.code == nil)
        #expect(first.size == TestSite.result(path: "x", poster: "y").size && first.duration != nil)
        #expect(first.finishedAt == Date(timeIntervalSince1970: 3))
        #expect(second.code == "damaged" && second.reason == "The file is damaged and cannot be converted." && !second.hasPoster)
        try await test.run("UPDATE {files} SET deleted_at = '2026-01-01 00:00:00' WHERE id = \(other.id)")
        #expect(try await test.site.finished(limit: 1).map(\.fileID) == [failed.id], "what was deleted is nobody's to see")
    }

    @Test(arguments: TestSite.kinds)
    func eachJobIsInTheSpanInWhichItEnded(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let length = Duration.seconds(900)
        let none = try await test.site.finished(spans: 4, of: length)
        #expect(none.count == 4 && none.allSatisfy { $0.done == 0 && $0.failed == 0 })
        let files = [try await finish(test, "a"), try await finish(test, "b"), try await fail(test, "c"), try await finish(test, "d")]
        let spans = try await test.site.finished(spans: 4, of: length)
        let first = Int64(spans[0].start.timeIntervalSince1970 * 1000)
        #expect(first % 900_000 == 0 && zip(spans, spans.dropFirst()).allSatisfy { $1.start.timeIntervalSince($0.start) == 900 })
        for (file, moment) in zip(files, [first, first + 900_000 - 1, first + 900_000, first - 1]) {
            try await test.run("UPDATE {transcoder_jobs} SET finished_at = \(moment) WHERE file_id = \(file.id)")
        }
        let now = try await test.site.finished(spans: 4, of: length)
        // A quarter of an hour may have ended meanwhile.
        let shift = now[0].start == spans[0].start ? 0 : 1
        let counts = (now.map(\.done) + [0], now.map(\.failed) + [0])
        #expect(shift == 1 || (counts.0.prefix(2) == [2, 0] && counts.1.prefix(2) == [0, 1]))
        #expect(now.reduce(0) { $0 + $1.done } <= 2, "what ended before is left out")
    }

    @Test(arguments: TestSite.kinds)
    func onlyAPosterOfOursIsLent(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await finish(test, "a"), failed = try await fail(test, "b")
        let poster = try #require(test.site.schema.posterColumn)
        #expect(try await test.site.publishedPoster(of: file.id) == "videos/a.jpg")
        #expect(try await test.site.publishedPoster(of: failed.id) == nil)
        #expect(try await test.site.publishedPoster(of: 99_999) == nil)
        try await test.run("UPDATE {files} SET \(sql: poster) = 'videos/another.jpg' WHERE id = \(file.id)")
        #expect(try await test.site.publishedPoster(of: file.id) == nil, "somebody else's choice")
        try await test.run("UPDATE {files} SET \(sql: poster) = 'videos/a.jpg', deleted_at = '2026-01-01 00:00:00' WHERE id = \(file.id)")
        #expect(try await test.site.publishedPoster(of: file.id) == nil, "deleted")
    }

    @Test func whoWaitsLongestIsKnown() async throws {
        let test = try await TestSite()
        #expect(try await test.site.longestWait() == nil)
        let old = try await test.post()
        _ = try await test.post()
        let moment = test.site.clock.text(Date(timeIntervalSinceNow: -7200))
        try await test.run("UPDATE {files} SET created_at = \(moment) WHERE id = \(old.id)")
        let wait = try #require(try await test.site.longestWait())
        #expect(abs(wait - 7200) < 60)
        _ = try #require(try await test.claim(old))
        #expect(try #require(try await test.site.longestWait()) < 600)
    }
}
