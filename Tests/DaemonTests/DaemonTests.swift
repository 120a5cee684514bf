import Foundation
import Jobs
import MediaWire
import Objects
import Site
import SiteFixture
import SQL
import Testing
import TestSupport
import Verdicts
@testable import Daemon
@testable import Execution
@testable import Observability
@testable import WorkerConfiguration

/// The service as a whole, in this process.
@Suite struct DaemonTests {
    private func run(
        _ site: JobSite, _ configuration: Configuration, untilIdle: Bool = true,
        stops: AsyncStream<Void> = AsyncStream { _ in }
    ) async throws {
        let context = try await site.context(configuration)
        defer { Task { await context.site.close() } }
        try await Service.run(configuration, untilIdle: untilIdle, stops: stops, sandbox: SandboxReport(), environment: [:], log: context.log)
    }

    private func attempts(_ site: JobSite, _ upload: Upload) async throws -> Int? {
        let context = try await site.context(site.configuration())
        let job = try await context.site.job(of: upload.id)
        await context.site.close()
        return job?.attempts
    }

    @Test func untilIdleSitsOutRetriesAndBadFiles() async throws {
        let site = try await JobSite()
        let good = try await site.publish("tune.mp3")
        let bad = try await site.publish("bad/text.mp4")
        // Crashes on the first try, and works on the second.
        let mark = site.folder + "/tried"
        let program = try site.program(
            "if mkdir '\(mark)' 2>/dev/null; then \(FakeChild.readRequest) kill -ABRT $$; fi; exec '\(JobSite.program)'")
        try await run(site, site.configuration(program: program) { $0.workers = 1 })
        #expect(try await site.fixture.file(good.id).state == 3)
        #expect(try await site.fixture.file(bad.id).state == 4)
        let status = try Status(json: Data(contentsOf: URL(filePath: site.folder + "/status.json")))
        #expect(status.state == .stopped)
        #expect(status.counts.done == 1 && status.counts.failed == 1 && status.running.isEmpty)
        #expect(status.lastFailures.map(\.fileID) == [bad.id], "what was retried since is none")
    }

    @Test func whatADeadDaemonHeldIsTakenUp() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let context = try await site.context(site.configuration())
        var dead = context.owner
        dead.startTime += 1
        _ = try #require(
            try await context.site.claim(upload.id, path: upload.path, owner: dead, lease: .seconds(3600)))
        try await run(site, site.configuration())
        #expect(try await site.fixture.file(upload.id).state == 3)
        #expect(try await context.site.job(of: upload.id)?.losses == 1)
        await context.site.close()
    }

    @Test func aStopHandsBackAfterTheGraceTime() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "exec sleep 1000")) {
            ($0.grace, $0.stall) = (.zero, .seconds(20))
        }
        async let service: Void = run(site, configuration, untilIdle: false, stops: stops)
        try await until("the job") { try await site.fixture.file(upload.id).state == 2 }
        stop.yield()
        try await service
        #expect(try await site.fixture.file(upload.id).state == 1)
        #expect(try await attempts(site, upload) == 0, "it was not the file's fault")
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func aSecondStopEndsTheGraceTime() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "exec sleep 1000")) {
            ($0.grace, $0.stall) = (.seconds(3600), .seconds(20))
        }
        async let service: Void = run(site, configuration, untilIdle: false, stops: stops)
        try await until("the job") { try await site.fixture.file(upload.id).state == 2 }
        stop.yield()
        stop.yield()
        try await service
        #expect(try await site.fixture.file(upload.id).state == 1)
        #expect(try await attempts(site, upload) == 0, "it was not the file's fault")
    }

    @Test func sinceLeavesTheOldAlone() async throws {
        let site = try await JobSite()
        let old = try await site.publish("tune.mp3")
        try await site.fixture.set("created_at", "2020-02-02 02:02:02", file: old.id)
        let usages = site.fixture.table("file_usages")
        _ = try await site.fixture.database.write { session in
            try session.execute("update \(usages) set created_at = '2020-02-02 02:02:02'")
        }
        let new = try await site.publish("hello.wav")
        try await run(site, site.configuration { $0.since = Date(timeIntervalSinceNow: -86400) })
        #expect(try await site.fixture.file(old.id).state == 1)
        #expect(try await site.fixture.file(new.id).state == 3)
    }

    @Test func aStandstillIsTriedAgainWithSaferSettings() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let mark = site.folder + "/tried"
        let program = try site.program(
            "if mkdir '\(mark)' 2>/dev/null; then \(FakeChild.readRequest) exec sleep 1000; fi; exec '\(JobSite.program)'")
        try await run(site, site.configuration(program: program) { $0.stall = .seconds(1) })
        #expect(try await site.fixture.file(upload.id).state == 3)
    }

    /// The guess says that there is room, the child's plan says that there is not.
    @Test func whatByItsPlanDoesNotFitIsStoppedAndCostsNoTry() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        var plan = PlanReport()
        plan.outputSize = .max
        let script = FakeChild.readRequest + (try FakeChild.send(.probed(MediaInfo()))) + (try FakeChild.send(.planned(plan)))
        let configuration = site.configuration(program: try site.program(script + "exec sleep 1000")) {
            // The largest result, 4 GiB, does not fit; 2 GiB more or less of others' make no difference.
            $0.reserve = Int((try? FreeSpace.of(folder: site.folder).work) ?? 0) - (2 << 30)
            $0.stall = .seconds(30)
        }
        let verdict = await #expect(throws: Verdict.self) { try await run(site, configuration) }
        #expect(verdict?.code == .noRoom)
        #expect(try await site.fixture.file(upload.id).state == 1)
        let context = try await site.context(configuration)
        let job = try #require(try await context.site.job(of: upload.id))
        #expect(job.attempts == 0 && job.code == "no-room", "\(job)")
        #expect(job.token == 1, "once it is known, it is not begun again before there is room")
        await context.site.close()
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func itsStatusFollowsTheSchemaAtEveryMoment() async throws {
        let site = try await JobSite()
        for media in ["tune.mp3", "clip.flv", "bad/text.mp4"] { _ = try await site.publish(media) }
        let configuration = site.configuration()
        let path = configuration.statusFile
        let looker = Task {
            var seen = 0
            while !Task.isCancelled {
                if let data = FileManager.default.contents(atPath: path) {
                    seen += 1
                    let faults = try StatusSchema.load().faults(in: data)
                    #expect(faults.isEmpty)
                }
                try? await Task.sleep(for: .milliseconds(20))
            }
            return seen
        }
        try await run(site, configuration)
        looker.cancel()
        #expect(try await looker.value > 0)
    }

    @Test func mistakesAreNamedBeforeAnythingIsDone() async throws {
        let site = try await JobSite()
        let noProgram = await #expect(throws: ConfigurationError.self) {
            try await run(site, site.configuration(program: "/nowhere/media"))
        }
        #expect(noProgram?.description.contains("/nowhere/media") == true)
        let noScratch = await #expect(throws: (any Error).self) {
            try await run(site, site.configuration { $0.scratch = "/nowhere/scratch" })
        }
        #expect(noScratch.map { "\($0)".contains("/nowhere/scratch") } == true)
        let noStatus = await #expect(throws: ConfigurationError.self) {
            try await run(site, site.configuration { $0.statusFile = "/nowhere/deep/status.json" })
        }
        #expect(noStatus?.description.contains("status_file") == true)
    }
}
