import Foundation
import Glibc
import Jobs
import MediaWire
import Objects
import Site
import SiteFixture
import Testing
import TestSupport
@testable import Execution
@testable import WorkerConfiguration

/// The same upload twice.
@Suite struct ReuseTests {
    /// The first of two equal uploads is done by the real program. A job that needs a media child after that fails.
    private func duplicates(
        _ media: String = "clip.flv", settings: FixtureSite.Settings = .init(), _ change: (inout Configuration) -> Void = { _ in }
    ) async throws -> (site: JobSite, first: Upload, second: Upload, configuration: Configuration) {
        let site = try await JobSite(settings)
        let first = try await site.publish(media), second = try await site.publish(media)
        var configuration = site.configuration(change)
        let job = try await ClaimedJob(site, first, configuration)
        guard case .done = await job.run() else { throw FixtureError("the first is not done") }
        configuration.mediaProgram = try site.program("exit 9")
        return (site, first, second, configuration)
    }

    private func inode(_ path: String) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    }

    @Test(arguments: ["clip.flv", "hello.wav"], [FixtureSite.Settings(edition: .v3), .init(edition: .v2)])
    func theSecondTakesWhatWasMadeOfTheFirst(media: String, settings: FixtureSite.Settings) async throws {
        let (site, first, second, configuration) = try await duplicates(media, settings: settings)
        let job = try await ClaimedJob(site, second, configuration)
        let end = await job.run()
        guard case .done = end else { Issue.record("not done: \(end)"); return }
        let one = try await site.fixture.file(first.id), two = try await site.fixture.file(second.id)
        #expect(two.state == 3 && two.path != one.path && two.originalPath == second.path)
        #expect(two.sha == one.sha && two.md5 == one.md5 && two.size == one.size && two.mime == one.mime && two.ending == one.ending)
        #expect((two.width, two.height) == (one.width, one.height))
        #expect(two.duration == one.duration && (two.posterPath == nil) == (one.posterPath == nil))
        #expect(inode(site.path(one.path)) == inode(site.path(two.path)), "one file with two names")
        #expect(try await StoredFile.sha256(site.path(two.path)) == two.sha)
        let posters = [one.posterPath, two.posterPath].compactMap(\.self)
        #expect(Set(site.fixture.storedFiles()) == Set([first.path, second.path, one.path, two.path] + posters))
        #expect(try await job.context.site.leftovers(limit: 10).flatMap(\.paths).isEmpty)

        // Each has a name of its own: the one goes, the other stays.
        unlink(site.path(one.path))
        #expect(try await StoredFile.sha256(site.path(two.path)) == two.sha)
        // And the second is as good a twin of a third as the first was.
        let third = try await site.publish(media)
        guard case .done = await (try await ClaimedJob(site, third, configuration)).run() else { Issue.record("third"); return }
    }

    @Test func byCopyWhereThatIsWanted() async throws {
        let (site, first, second, configuration) = try await duplicates { $0.reuse = .copy }
        guard case .done = await (try await ClaimedJob(site, second, configuration)).run() else { Issue.record("not done"); return }
        try await expectCopies(site, first, second)
    }

    /// Linked files have one mode: another one than the source's would be the wrong one.
    @Test func byCopyWhereTheModesDiffer() async throws {
        let (site, first, second, configuration) = try await duplicates()
        chmod(site.path(second.path), 0o600)
        guard case .done = await (try await ClaimedJob(site, second, configuration)).run() else { Issue.record("not done"); return }
        try await expectCopies(site, first, second)
        let one = try await site.fixture.file(first.id), two = try await site.fixture.file(second.id)
        #expect(try #require(StoredFile(site.path(two.path))).mode & 0o777 == 0o600)
        #expect(try #require(StoredFile(site.path(one.path))).mode & 0o777 == 0o644)
    }

    @Test func withAScratchFolderToo() async throws {
        let (site, first, second, start) = try await duplicates()
        var configuration = start
        let scratch = site.folder + "/scratch"
        mkdir(scratch, 0o700)
        configuration.scratch = scratch
        configuration.reuse = .copy
        guard case .done = await (try await ClaimedJob(site, second, configuration)).run() else { Issue.record("not done"); return }
        try await expectCopies(site, first, second)
        configuration.reuse = .link
        let third = try await site.publish("clip.flv")
        guard case .done = await (try await ClaimedJob(site, third, configuration)).run() else { Issue.record("third"); return }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
        #expect(site.fixture.hiddenFiles().isEmpty)
    }

    private func expectCopies(_ site: JobSite, _ first: Upload, _ second: Upload) async throws {
        let one = try await site.fixture.file(first.id), two = try await site.fixture.file(second.id)
        #expect(inode(site.path(one.path)) != inode(site.path(two.path)))
        #expect(two.state == 3 && two.sha == one.sha)
        #expect(try await StoredFile.sha256(site.path(two.path)) == two.sha)
        #expect(site.fixture.hiddenFiles().isEmpty)
    }

    // MARK: what does not fit is done as ever, which here means that its child fails

    enum Misfit: String, CaseIterable {
        case off, anotherProfile, outputGone, outputChanged, posterGone, posterIsNone, rowPlaysAnother, rowDeleted, rowNotDone
        case sourceDiffers, doneAgain
    }

    @Test(arguments: Misfit.allCases)
    func whatDoesNotFitIsDoneAsEver(misfit: Misfit) async throws {
        let (site, first, second, start) = try await duplicates()
        var configuration = start
        let one = try await site.fixture.file(first.id)
        switch misfit {
        case .off: configuration.reuse = .off
        case .anotherProfile: configuration.profiles["web"]?.video.crf = 30
        case .outputGone: unlink(site.path(one.path))
        case .outputChanged: try Self.change(site.path(one.path))
        case .posterGone: unlink(site.path(try #require(one.posterPath)))
        case .posterIsNone: try await site.fixture.set("video_poster_path", "images/own.jpg", file: first.id)
        case .rowPlaysAnother: try await site.fixture.set("path", "videos/other.mp4", file: first.id)
        case .rowDeleted: try await site.fixture.set("deleted_at", "2026-01-01 00:00:00", file: first.id)
        case .rowNotDone: try await site.fixture.set("transcoding_state", "1", file: first.id)
        case .sourceDiffers: try Self.change(site.path(second.path))
        case .doneAgain: try await site.fixture.set("transcoding_state", "3", file: second.id)
        }
        let job: ClaimedJob
        if misfit == .doneAgain {
            try await site.fixture.set("original_path", second.path, file: second.id)
            try await site.fixture.set("path", "videos/was.mp4", file: second.id)
            job = try await ClaimedJob(site, second, configuration, force: true)
        } else {
            job = try await ClaimedJob(site, second, configuration)
        }
        let before = Set(site.fixture.storedFiles())
        if case .done = await job.run() { Issue.record("\(misfit)") }
        #expect(Set(site.fixture.storedFiles()) == before, "nothing is left of the try")
    }

    /// One byte in the middle is another.
    private static func change(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        defer { try? file.close() }
        let middle = try file.seekToEnd() / 2
        try file.seek(toOffset: middle)
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: middle)
        try file.write(contentsOf: Data([byte ^ 0xFF]))
    }

    /// What is right as it is has nothing to be reused.
    @Test func aFileThatStaysAsItIsHasNoTwin() async throws {
        let site = try await JobSite()
        let first = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, first, site.configuration())
        guard case .done(let result) = await job.run() else { Issue.record("not done"); return }
        #expect((result.newPath == nil) == (result.provenance == nil))
    }
}
