import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// What the site has cached of a file: exactly that is dropped.
@Suite struct CacheTests {
    /// A file in a post and a comment; another post let go of it.
    private func used(_ test: TestSite) async throws -> (file: Upload, post: Int64, comment: Int64, former: Int64) {
        let (file, former) = try await test.fixture.publish(nil, as: .post)
        try await test.fixture.edit(post: former, files: [])
        let post = try await test.fixture.write(.post)
        try await test.fixture.attach(file, to: .post, post)
        // Not of the post's number.
        _ = try await test.fixture.write(.comment)
        _ = try await test.fixture.write(.comment)
        let comment = try await test.fixture.write(.comment)
        try await test.fixture.attach(file, to: .comment, comment)
        return (file, post, comment, former)
    }

    /// Every entry that shows the file, in each language, and no other: by Fresns' own names.
    @Test(arguments: TestSite.kinds)
    func entriesAreThoseThatShowTheFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let (file, post, comment, former) = try await used(test)
        try await test.run("UPDATE {comments} SET post_id = 4711, top_parent_id = 4712 WHERE id = \(comment)")
        let draft = try #require(file.draftID)
        let entries = try await test.site.cachedEntries(of: file.id)
        func inLanguages(_ key: String) -> [String] { ["en", "zh-Hans"].map { "\(key)_\($0)" } }
        let names = ["\(file.id)", file.fid]
        var keys = names.flatMap { ["fresns_file_info_\($0)", "fresns_model_file_\($0)"] }
        keys += FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        keys += inLanguages("fresns_detail_post_history_\(draft)")
        keys += inLanguages("fresns_detail_post_4711_preview_comments") + inLanguages("fresns_detail_comment_4712_preview_comments")
        if kind.edition == .v2 {
            let pid = try #require(try await test.run("SELECT pid FROM {posts} WHERE id = \(post)").first?.text("pid"))
            let cid = try #require(try await test.run("SELECT cid FROM {comments} WHERE id = \(comment)").first?.text("cid"))
            for key in ["fresns_api_post_\(pid)", "fresns_api_comment_\(cid)"] {
                keys += inLanguages(key) + ["\(key)_list_content", "\(key)_detail_content"]
            }
            keys += inLanguages("fresns_api_post_4711_preview_comments") + inLanguages("fresns_api_comment_4712_sub_comments")
        }
        let found = entries.map(\.key)
        #expect(Set(found) == Set(keys), "\(Set(found).symmetricDifference(keys))")
        #expect(!found.contains { $0.contains("_post_\(former)_") })
        let tags = Dictionary(entries.map { ($0.key, $0.tags) }) { first, _ in first }
        #expect(tags["fresns_detail_post_4711_preview_comments_en"] == ["fresnsComments"] && tags["fresns_file_info_\(file.fid)"] == ["fresnsFiles"])
        if kind.edition == .v2 {
            #expect(entries.contains(CachedEntry("fresns_model_file_\(file.id)", tags: "fresnsModels", "fresnsFiles")))
            #expect(tags["fresns_api_post_4711_preview_comments_en"] == ["fresnsPosts", "fresnsComments"])
        }

        let message = try await test.fixture.publish(nil, as: .message, name: "a.mp3").file
        let ofMessage = Set(try await test.site.cachedEntries(of: message.id).map(\.key))
        #expect(ofMessage == Set(["\(message.id)", message.fid].flatMap { ["fresns_file_info_\($0)", "fresns_model_file_\($0)"] }))
        #expect(try await test.site.cachedEntries(of: 999).map(\.key).contains("fresns_file_info_999"), "a file whose row is gone")

        try await test.run("DELETE FROM {configs} WHERE item_key = 'language_menus'")
        #expect(try await test.site.languages() == ["en"])
    }

    @Test func exactlyTheRightFilesAreRemoved() async throws {
        let test = try await TestSite()
        let (file, post, comment, former) = try await used(test)
        let right = FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        let others = FixtureSite.otherKeys(post) + FixtureSite.detailKeys("post", former) + FixtureSite.detailKeys("comment", post)
        try await test.fixture.fillFileCache(right + others)
        let details = try await test.site.cachedEntries(of: file.id)
        let cache = FileCache(folder: test.fixture.cachePath)
        #expect(try cache.drop(details) == 4)
        #expect(try await test.fixture.fileCache(right + others) == Set(others))
        #expect(try cache.drop(details) == 0, "what is gone is no fault")
        #expect(try FileCache(folder: test.fixture.root + "/nowhere").drop(details) == 0)
    }

    /// What is behind a link is not the cache's, whoever put the link there; an entry that is a link goes, and not what it names.
    @Test func noLinkIsFollowed() async throws {
        let test = try await TestSite()
        let detail = CachedEntry("fresns_detail_post_1_en", tags: "fresnsPosts")
        let entry = URL(filePath: try await test.fixture.cacheFile(detail.key))
        let outside = URL(filePath: test.fixture.root + "/outside")
        let cache = FileCache(folder: test.fixture.cachePath)
        let files = FileManager.default
        for levels in [1, 2] {
            try files.createDirectory(at: outside, withIntermediateDirectories: true)
            var link = entry.deletingLastPathComponent()
            var victim = outside.appending(path: entry.lastPathComponent)
            if levels == 2 {
                victim = outside.appending(path: link.lastPathComponent + "/" + entry.lastPathComponent)
                link = link.deletingLastPathComponent()
            }
            try files.createDirectory(at: victim.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: victim)
            try files.createDirectory(at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
            try files.createSymbolicLink(at: link, withDestinationURL: outside)
            let error = #expect(throws: CacheError.self) { try cache.drop([detail]) }
            #expect(error?.description.contains("symbolic link") == true && error?.description.contains(entry.path) == true)
            #expect(files.fileExists(atPath: victim.path))
            try files.removeItem(at: outside)
            try files.removeItem(atPath: test.fixture.cachePath)
        }
        try files.createDirectory(at: entry.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: outside)
        try files.createSymbolicLink(at: entry, withDestinationURL: outside)
        #expect(try cache.drop([detail]) == 1)
        #expect(files.fileExists(atPath: outside.path))
        // A folder is no entry.
        try files.createDirectory(at: entry, withIntermediateDirectories: true)
        #expect(throws: CacheError.self) { try cache.drop([detail]) }
        #expect(files.fileExists(atPath: entry.path))
    }

    @Test(arguments: TestSite.kinds)
    func exactlyTheRightRowsAreRemoved(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let (file, post, comment, former) = try await used(test)
        let right = FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        let others = FixtureSite.otherKeys(post) + FixtureSite.detailKeys("post", former)
        let kept = others.map { "demo_" + $0 } + right + right.map { "DEMO_" + $0 }
        try await test.fixture.fillTableCache(right.map { "demo_" + $0 } + kept)
        let details = try await test.site.cachedEntries(of: file.id)
        #expect(try await test.site.drop(details, fromTable: "cache", prefixes: ["demo_"]) == 4)
        #expect(try await test.fixture.tableCache() == Set(kept))
    }

    // MARK: the mark

    private func mark(_ test: TestSite, _ file: Upload) async throws -> StaleCacheEntry? {
        try await test.site.staleDetails(of: file.id)
    }

    /// In the transaction that writes the row: wherever readers would be shown something else.
    @Test(arguments: TestSite.kinds)
    func everyEndMarksTheFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let done = try await test.post()
        let claim = try #require(try await test.claim(done))
        #expect(try await mark(test, done) == nil, "until then the upload is played as before")
        #expect(try await test.site.succeed(claim, TestSite.result()))
        let stale = try #require(try await mark(test, done))
        #expect(stale.fid == done.fid)
        #expect(try await test.site.staleDetails(limit: 10) == [stale])

        let failed = try await test.post()
        let second = try #require(try await test.claim(failed))
        #expect(try await test.site.fail(second, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date(timeIntervalSinceNow: -1)))
        #expect(try await mark(test, failed) == nil, "it waits as before")
        let third = try #require(try await test.claim(failed))
        #expect(try await test.site.fail(third, Verdict(.notConvertible), retryAt: nil))
        #expect(try await mark(test, failed) != nil)
        for hand in [{ try await test.site.retry($0) }, test.site.cancel] as [@Sendable (Int64) async throws -> ManualResult] {
            try await test.run("UPDATE {transcoder_jobs} SET forget_cache = NULL")
            _ = try await hand(failed.id)
            #expect(try await mark(test, failed) != nil)
        }

        let lost = try await test.post()
        _ = try await test.claim(lost)
        try await test.run("UPDATE {transcoder_jobs} SET losses = \(RetryPolicy().lossCap) WHERE file_id = \(lost.id)")
        _ = try await test.site.reclaimLost(isAlive: { _ in false }, thisHost: "here")
        #expect(try await mark(test, lost) != nil)
    }

    @Test func aMarkIsStruckByWhoeverSawItAlone() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        let old = try #require(try await mark(test, file))
        try await test.run("UPDATE {transcoder_jobs} SET forget_cache = forget_cache + 5, updated_at = updated_at - 30000")
        try await test.site.dropped(old)
        let new = try #require(try await mark(test, file))
        #expect(new.due == old.due + 5, "the row was written again meanwhile")
        try await test.site.postpone(new, by: .seconds(600))
        #expect(try await test.site.staleDetails(limit: 10).isEmpty, "not due yet")
        try await test.site.dropped(try #require(try await mark(test, file)))
        #expect(try await mark(test, file) == nil)
    }

    /// Between the two, whatever readers may put back is known to be looked at.
    @Test(arguments: TestSite.databases)
    func whatWasWrittenJustNowIsKnown(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        #expect(try await test.site.freshlyWritten(limit: 9).isEmpty, "it was not dropped yet")
        try await test.site.dropped(try #require(try await mark(test, file)))
        let fresh = try await test.site.freshlyWritten(limit: 9)
        #expect(fresh.map(\.file.fileID) == [file.id] && fresh.first?.file.fid == file.fid && (fresh.first?.age ?? -1) >= 0)
        let stale = try #require(try await mark(test, file))
        try await test.site.postpone(stale, by: .seconds(240))
        #expect(try await test.site.freshlyWritten(limit: 9).isEmpty, "one that could not be dropped waits for its time")
    }

    /// A reader who was on his way when the row was written may have put the old detail back.
    @Test func detailsAreDroppedOnceMore() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        let first = try #require(try await mark(test, file))
        try await test.site.dropped(first)
        let second = try #require(try await mark(test, file))
        #expect(second.due == first.due + 30_000)
        #expect(try await test.site.staleDetails(limit: 10).isEmpty, "half a minute later, and not before")
        try await test.run("UPDATE {transcoder_jobs} SET forget_cache = forget_cache - 30000, updated_at = updated_at - 30000")
        let due = try await test.site.staleDetails(limit: 10)
        #expect(due.count == 1)
        for stale in due { try await test.site.dropped(stale) }
        #expect(try await mark(test, file) == nil)
    }
}
