import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// What becomes of files that have had their time.
@Suite struct RetentionTests {
    private static let output = "videos/a.mp4", poster = "videos/a.jpg"

    /// A file that is done: plays `output`, keeps its original.
    private func finished(_ test: TestSite, _ name: String = "a") async throws -> Upload {
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        let (output, poster) = ("videos/\(name).mp4", "videos/\(name).jpg")
        #expect(try await test.site.willPublish(claim, output: output, poster: poster))
        #expect(try await test.site.succeed(claim, TestSite.result(path: output, poster: poster)))
        return file
    }

    private func retire(
        _ test: TestSite, after age: Duration? = nil, grace: Duration = Site.goneGrace, limit: Int = 100
    ) async throws -> [Int64] {
        var last: Int64 = -1
        var files: [Int64] = []
        while true {
            let page = try await test.site.retire(
                after: last, limit: limit, originalsAfter: age, goneGrace: grace, isRemovable: { !$0.hasPrefix("/") })
            files += page.files
            guard let end = page.last else { return files }
            last = end
        }
    }

    private func leftovers(_ test: TestSite) async throws -> Set<String> {
        Set(try await test.site.leftovers(limit: 100).flatMap(\.paths))
    }

    @Test(arguments: TestSite.kinds)
    func aMarkedFileLosesAllThatWasMadeOfIt(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await finished(test), other = try await finished(test, "b")
        #expect(try await retire(test) == [])
        try await test.run("UPDATE {files} SET physical_deletion = TRUE WHERE id = \(file.id)")
        #expect(try await retire(test, limit: 1) == [file.id])
        #expect(try await leftovers(test) == [file.path, Self.output, Self.poster])
        let row = try await test.fixture.file(file.id)
        #expect(row.originalPath == nil && row.posterPath == nil)
        let job = try #require(try await test.site.job(of: file.id))
        #expect(job.outputPath == nil && job.posterPath == nil && job.sourcePath == nil)
        #expect(try await retire(test) == [], "once")
        #expect(try await test.fixture.file(other.id).originalPath == other.path)
    }

    /// What was never converted is the site's own plugin's to delete.
    @Test func theUploadOfAMarkedFileIsNotOurs() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.fail(claim, Verdict(.notConvertible), retryAt: nil)
        try await test.run("UPDATE {files} SET physical_deletion = TRUE")
        #expect(try await retire(test) == [])
        #expect(try await leftovers(test) == [])
        let kept = try await test.post()
        let right = try #require(try await test.claim(kept))
        #expect(try await test.site.succeed(right, TestSite.result(path: nil)))
        try await test.run("UPDATE {files} SET physical_deletion = TRUE")
        #expect(try await retire(test) == [kept.id])
        #expect(try await leftovers(test) == ["videos/posts/202601/02/new.jpg"])
    }

    @Test func whatAnotherRowPlaysStays() async throws {
        let test = try await TestSite()
        for (number, column) in ["path", "original_path", "video_poster_path"].enumerated() {
            let file = try await finished(test, "n\(number)"), other = try await test.post()
            let taken = column == "path" ? "videos/n\(number).mp4" : column == "original_path" ? file.path : "videos/n\(number).jpg"
            if column == "path" {
                // No two rows have one path: the marked one plays something else by now.
                try await test.run("UPDATE {files} SET path = \("videos/else\(number)" as String) WHERE id = \(file.id)")
            }
            try await test.run("UPDATE {files} SET \(sql: column) = \(taken) WHERE id = \(other.id)")
            try await test.run("UPDATE {files} SET physical_deletion = TRUE WHERE id = \(file.id)")
            #expect(try await retire(test) == [file.id])
            let names = try await leftovers(test)
            #expect(!names.contains(taken) && names.count == 2, "\(column): \(names)")
            for leftover in try await test.site.leftovers(limit: 100) { try await test.site.forget(leftover.paths, of: leftover.fileID) }
        }
    }

    @Test func aRunningJobIsLeftToItsHolder() async throws {
        let test = try await TestSite()
        let file = try await finished(test)
        _ = try #require(try await test.claim(file, force: true))
        try await test.run("UPDATE {files} SET physical_deletion = TRUE")
        #expect(try await retire(test, after: .zero) == [])
        #expect(try await test.fixture.file(file.id).originalPath == file.path)
    }

    @Test func namesThatAreNoFilesOfTheSiteAreOnlyStruck() async throws {
        let test = try await TestSite()
        let file = try await finished(test)
        try await test.run(
            "UPDATE {files} SET physical_deletion = TRUE, original_path = '/etc/passwd', video_poster_path = '/x' WHERE id = \(file.id)")
        #expect(try await retire(test) == [file.id])
        #expect(try await leftovers(test) == [Self.output, Self.poster, file.path])
    }

    @Test(arguments: TestSite.kinds)
    func aRowThatIsGoneForLongLeavesNothing(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await finished(test)
        _ = try await test.post()
        try await test.run("DELETE FROM {files} WHERE id = \(file.id)")
        #expect(try await retire(test) == [], "it may be on its way back")
        #expect(try await retire(test) == [])
        #expect(try await leftovers(test) == [])
        #expect(try await retire(test, grace: .zero) == [file.id])
        #expect(try await leftovers(test) == [Self.output, Self.poster, file.path])
        #expect(try await retire(test, grace: .zero) == [])
    }

    /// A restore of the site's tables alone, from before the upload, or one that takes longer than the time of grace.
    @Test(arguments: TestSite.kinds)
    func aTableThatEndsBeforeAFileSaysNothingAboutIt(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let before = try await test.post()
        let file = try await finished(test)
        try await test.run("DELETE FROM {files} WHERE id = \(file.id)")
        for _ in 1...3 { #expect(try await retire(test, grace: .zero) == []) }
        try await test.run("DELETE FROM {files} WHERE id = \(before.id)")
        #expect(try await retire(test, grace: .zero) == [], "an empty table")
        #expect(try await test.site.job(of: file.id)?.outputPath == Self.output)
    }

    @Test func aRowThatComesBackKeepsItsFiles() async throws {
        let test = try await TestSite()
        let file = try await finished(test)
        _ = try await test.post()
        try await test.run("CREATE TABLE copy AS SELECT * FROM {files} WHERE id = \(file.id)")
        try await test.run("DELETE FROM {files} WHERE id = \(file.id)")
        #expect(try await retire(test) == [])
        try await test.run("INSERT INTO {files} SELECT * FROM copy")
        #expect(try await retire(test, grace: .zero) == [])
        try await test.run("DELETE FROM {files} WHERE id = \(file.id)")
        #expect(try await retire(test, grace: .seconds(60)) == [], "the time begins anew")
        #expect(try await test.site.job(of: file.id)?.outputPath == Self.output)
    }

    // MARK: originals

    @Test(arguments: TestSite.kinds)
    func anOriginalIsRemovedWhenItsTimeIsOver(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await finished(test), young = try await finished(test, "b")
        try await test.run("UPDATE {transcoder_jobs} SET finished_at = finished_at - 1000000 WHERE file_id = \(file.id)")
        #expect(try await retire(test) == [], "none by default")
        #expect(try await retire(test, after: .seconds(2000)) == [])
        #expect(try await retire(test, after: .seconds(500)) == [file.id])
        let row = try await test.fixture.file(file.id)
        #expect(row.originalPath == nil && row.path == Self.output && row.posterPath == Self.poster && row.state == 3)
        #expect(try await leftovers(test) == [file.path])
        #expect(try await test.fixture.file(young.id).originalPath == young.path)
        #expect(try await retire(test, after: .seconds(500)) == [])
    }

    @Test func anOriginalThatARowPlaysIsKept() async throws {
        let test = try await TestSite()
        let changes = [
            "path = 'videos/theirs.mp4'", "transcoding_state = 4", "deleted_at = '2026-01-01 00:00:00'", "is_enabled = FALSE",
            "video_poster_path = original_path", "original_path = path", "original_path = ''", "original_path = '/elsewhere'",
        ]
        for (number, change) in changes.enumerated() {
            let file = try await finished(test, "n\(number)")
            try await test.run("UPDATE {files} SET \(sql: change) WHERE id = \(file.id)")
            #expect(try await retire(test, after: .zero) == [], "\(change)")
            try await test.run("DELETE FROM {transcoder_jobs}")
        }
        for (number, column) in ["path", "original_path", "video_poster_path"].enumerated() {
            let file = try await finished(test, "m\(number)"), other = try await test.post()
            try await test.run("UPDATE {files} SET \(sql: column) = \(file.path) WHERE id = \(other.id)")
            #expect(try await retire(test, after: .zero) == [], "another row's \(column)")
            #expect(try await test.fixture.file(file.id).originalPath == file.path)
            try await test.run("DELETE FROM {transcoder_jobs}")
        }
    }

    /// Looks at a page must go by indexes: a site has a million rows.
    @Test func namesAreLookedUpByIndexes() async throws {
        let test = try await TestSite()
        let sql: Query = "EXPLAIN QUERY PLAN \(test.site.schema.plays("a"))"
        // On the connection that made the indexes: a plan does not look whether the tables have changed.
        let plan = try await test.site.database.read { session in try session.query(sql).compactMap { $0.text("detail") } }
        #expect(plan.count > 1 && plan.filter { $0.hasPrefix("SCAN") } == [], "\(plan)")
    }
}
