import Foundation
import Glibc
import Jobs
import MediaWire
import Site
import SiteFixture
import Testing
import TestSupport
@testable import Daemon
@testable import Execution
@testable import WorkerConfiguration

/// Jobs that are taken out of a worker's hands, and files that have had their time: the service in this process, on a real site.
@Suite struct RunningJobsTests {
    /// Lends a service whose child works for ever, at work on the upload.
    private func atWork(
        _ body: (JobSite, Upload, Site) async throws -> Void
    ) async throws {
        let site = try await JobSite()
        let upload = try await site.publish("clip.flv")
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let configuration = site.configuration(
            program: try site.program("echo $$ >> '\(site.folder)/children'; " + FakeChild.readRequest + "exec sleep 1000")
        ) {
            // Nothing but the look itself may end the job.
            ($0.grace, $0.stall, $0.lease, $0.workers) = (.zero, .seconds(500), .seconds(3600), 1)
            $0.retry.missingWait = .zero
        }
        let context = try await site.context(configuration)
        async let service: Void = Service.run(
            configuration, untilIdle: false, stops: stops, sandbox: SandboxReport(), environment: [:], log: context.log)
        do {
            try await until("the job") {
                let isRunning = try await site.fixture.file(upload.id).state == 2
                return isRunning && !site.fixture.hiddenFiles().isEmpty
            }
            try await body(site, upload, context.site)
        } catch {
            stop.yield()
            try? await service
            throw error
        }
        stop.yield()
        try await service
        await context.site.close()
    }

    @Test func aCancelledJobIsStoppedAtOnce() async throws {
        try await atWork { site, upload, other in
            guard case .obeyed = try await other.cancel(upload.id) else { Issue.record("refused"); return }
            try await until("its work files are gone") { site.fixture.hiddenFiles().isEmpty }
            #expect(try await site.fixture.file(upload.id).state == 4)
            let next = try await site.publish("clip.flv")
            try await until("the hand is free for the next") { try await site.fixture.file(next.id).state == 2 }
            _ = try await other.cancel(next.id)
            try await until("that is stopped too") { site.fixture.hiddenFiles().isEmpty }
        }
    }

    /// Its own daemon takes it up again, once what was begun of it has ended.
    @Test func aJobThatIsCancelledAndRetriedBeginsAnew() async throws {
        try await atWork { site, upload, other in
            let first = try #require(try await other.job(of: upload.id))
            _ = try await other.cancel(upload.id)
            guard case .obeyed = try await other.retry(upload.id) else { Issue.record("refused"); return }
            try await until("it is claimed anew") {
                let job = try await other.job(of: upload.id)
                return job?.state == .running && (job?.token ?? 0) > first.token
            }
            _ = try await other.cancel(upload.id)
            try await until("it is stopped") { site.fixture.hiddenFiles().isEmpty }
        }
    }

    @Test(arguments: [("deleted_at", "2026-01-01 00:00:00"), ("is_enabled", "0"), ("path", "videos/other.flv")])
    func aRowThatIsChangedStopsItsJob(column: String, value: String) async throws {
        try await atWork { site, upload, other in
            try await site.fixture.set(column, value, file: upload.id)
            try await until("its work files are gone") { site.fixture.hiddenFiles().isEmpty || column == "path" }
            // Replaced, it is another file, and taken up anew: its source is missing here.
            try await until("the row is put back") {
                try await site.fixture.file(upload.id).state == (column == "path" ? 4 : 1)
            }
            try await until("nothing is left") { site.fixture.hiddenFiles().isEmpty }
        }
    }

    @Test func aJobInTheForegroundIsStoppedToo() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("clip.flv")
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "exec sleep 1000")) {
            ($0.stall, $0.lease) = (.seconds(500), .seconds(3600))
        }
        let context = try await site.context(configuration)
        let file = try #require(try await context.site.file(id: upload.id))
        let run = ForegroundRun(context, board: context.board())
        async let outcome = run.run(file, force: false)
        try await until("the job") { !site.fixture.hiddenFiles().isEmpty }
        let other = try await site.context(site.configuration())
        guard case .obeyed = try await other.site.cancel(upload.id) else { Issue.record("refused"); return }
        let end = try await outcome
        guard case .later = end else { Issue.record("\(end)"); return }
        #expect(try await site.fixture.file(upload.id).state == 4)
        #expect(site.fixture.storedFiles() == [upload.path])
        await other.site.close()
        await context.site.close()
    }

    // MARK: files that have had their time

    @Test func theDiskFollowsTheRows() async throws {
        let site = try await JobSite()
        let deleted = try await site.publish("clip.flv"), kept = try await site.publish("clip.flv")
        let old = try await site.publish("hello.wav")
        let configuration = site.configuration()
        let context = try await site.context(configuration)
        func service(_ change: (inout Configuration) -> Void = { _ in }) async throws {
            var configuration = configuration
            change(&configuration)
            try await Service.run(
                configuration, untilIdle: true, stops: AsyncStream { _ in }, sandbox: SandboxReport(), environment: [:],
                log: context.log)
        }
        try await service()
        #expect(site.fixture.storedFiles().count == 8)
        try await site.fixture.set("physical_deletion", "1", file: deleted.id)
        try await service()
        let left = try await site.fixture.file(kept.id), sound = try await site.fixture.file(old.id)
        let films = [kept.path, left.path, try #require(left.posterPath)]
        #expect(Set(site.fixture.storedFiles()) == Set(films + [old.path, sound.path]))
        try await service { $0.deleteOriginalsAfter = .zero }
        #expect(Set(site.fixture.storedFiles()) == Set(films.dropFirst() + [sound.path]))
        for id in [kept.id, old.id] {
            let row = try await site.fixture.file(id)
            #expect(row.originalPath == nil && row.state == 3)
            #expect(try await StoredFile.sha256(site.path(row.path)) == row.sha)
        }
        #expect(try await context.site.leftovers(limit: 10).flatMap(\.paths).isEmpty)
        await context.site.close()
    }

    /// Between the row and the disk: the name is on record, and the next sweep finds it.
    @Test func aCrashBetweenRowAndDiskLeavesNothingUnrecorded() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("hello.wav")
        let job = try await ClaimedJob(site, upload, site.configuration())
        guard case .done = await job.run() else { Issue.record("not done"); return }
        let page = try await job.context.site.retire(after: -1, limit: 10, originalsAfter: .zero, isRemovable: { _ in true })
        #expect(page.files == [upload.id])
        #expect(try await site.fixture.file(upload.id).originalPath == nil)
        #expect(site.fixture.storedFiles().contains(upload.path), "the row first, then the file")
        try await job.context.sweep()
        #expect(!site.fixture.storedFiles().contains(upload.path))
        #expect(try await job.context.site.leftovers(limit: 10).flatMap(\.paths).isEmpty)
    }
}
