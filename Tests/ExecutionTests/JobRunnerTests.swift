import Foundation
import Glibc
import Jobs
import MediaWire
import Objects
import Site
import SiteFixture
import SQL
import Testing
import TestSupport
import Verdicts
@testable import Execution
@testable import Observability
@testable import WorkerConfiguration

/// The way of one job on a real site with the real media program, and every way off it.
@Suite struct JobRunnerTests {
    @Test func aJobEndsInAPlayableFileAndATruthfulRow() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("clip.flv")
        chmod(site.path(upload.path), 0o640)
        let before = try Data(contentsOf: URL(filePath: site.path(upload.path)))
        let job = try await ClaimedJob(site, upload, site.configuration())
        guard case .done(let result) = await job.run() else { Issue.record("not done"); return }

        let row = try await site.fixture.file(upload.id)
        #expect(row.state == 3)
        #expect(row.path == result.newPath && row.path != upload.path)
        #expect(row.originalPath == upload.path)
        #expect(try Data(contentsOf: URL(filePath: site.path(upload.path))) == before)
        let stored = try #require(StoredFile(site.path(row.path)))
        #expect(stored.size == row.size && stored.mode & 0o777 == 0o640)
        #expect(try await StoredFile.sha256(site.path(row.path)) == row.sha)
        let poster = try #require(row.posterPath)
        #expect(Set(site.fixture.storedFiles()) == [upload.path, row.path, poster])
        let status = job.board.status()
        #expect(status.counts.done == 1 && status.running.isEmpty && status.totals.processorSeconds > 0)
        #expect(try await job.context.site.leftovers(limit: 10).isEmpty)
    }

    @Test func theHashColumnOfVersion2IsFilled() async throws {
        let site = try await JobSite(.init(edition: .v2))
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration())
        guard case .done = await job.run() else { Issue.record("not done"); return }
        let row = try await site.fixture.file(upload.id)
        #expect(row.md5 != nil)
        #expect(try await StoredFile.md5(site.path(row.path)) == row.md5)
    }

    @Test func scratchLeavesOnlyResults() async throws {
        let site = try await JobSite()
        let scratch = site.folder + "/scratch"
        mkdir(scratch, 0o700)
        let upload = try await site.publish("clip.flv")
        let job = try await ClaimedJob(site, upload, site.configuration { $0.scratch = scratch })
        guard case .done = await job.run() else { Issue.record("not done"); return }
        #expect(site.fixture.storedFiles().count == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }

    @Test(arguments: ["empty", "link", "folder", "pipe"])
    func whatIsNoFileIsNamed(kind: String) async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let path = site.path(upload.path)
        unlink(path)
        switch kind {
        case "empty": try Data().write(to: URL(filePath: path))
        case "link": symlink("/etc/passwd", path)
        case "folder": mkdir(path, 0o755)
        case "pipe": mkfifo(path, 0o644)
        default: break
        }
        let job = try await ClaimedJob(site, upload, site.configuration())
        guard case .failed(let verdict) = await job.run() else { Issue.record("not failed"); return }
        #expect(verdict.code == (kind == "empty" ? .empty : .sourceNotRegular))
        let row = try await site.fixture.file(upload.id)
        #expect(row.state == 4 && row.reason == verdict.reason && row.path == upload.path)
        #expect(site.fixture.hiddenFiles().isEmpty)
        #expect(job.board.status().counts.failed == 1)
    }

    /// Whoever edits the profile in mid-job means the next one.
    @Test func theProfileIsAskedForOnce() async throws {
        let site = try await JobSite(.init(edition: .v2))
        let upload = try await site.publish("tune.mp3")
        let table = site.fixture.table("configs")
        let gated = try site.gatedProgram()
        let job = try await ClaimedJob(site, upload, site.configuration(program: gated.path))
        let other = try await ClaimedJob(site, try await site.publish("tune.mp3"), site.configuration())
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        let words = #"{"audio": {"max_channels": 1}}"#
        _ = try await site.fixture.database.write { session in
            try session.execute(
                "insert into \(table) (item_key, item_value, item_type) values ('audio_transcode', \(words), 'string')")
        }
        gated.open()
        guard case .done(let result) = await running, let fingerprint = result.provenance?.fingerprint else { Issue.record("not done"); return }
        guard case .done(let next) = await other.run() else { Issue.record("not done"); return }
        #expect(next.provenance?.fingerprint != fingerprint, "what was made by the old profile is found by the old one alone")
    }

    @Test func aResultThatComesTooLateIsDiscarded() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let gated = try site.gatedProgram()
        let job = try await ClaimedJob(site, upload, site.configuration(program: gated.path))
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        // To everybody else we are dead: another takes it over.
        let lost = try await job.context.site.reclaimLost(isAlive: { _ in false }, thisHost: job.context.owner.host)
        #expect(lost == [upload.id])
        let other = Owner(host: "other", bootID: "boot", pid: 1, startTime: 1)
        let second = try await job.context.site.claim(upload.id, path: upload.path, owner: other, lease: .seconds(60))
        gated.open()
        guard case .lost = await running else { Issue.record("not lost"); return }
        #expect(site.fixture.storedFiles() == [upload.path])
        #expect(try await site.fixture.file(upload.id).state == 2)
        let row = try await job.context.site.job(of: upload.id)
        #expect(row?.owner == other && row?.token == second?.token)
        #expect(job.board.status().counts.done == 0)
    }

    @Test func whatWasPublishedForARowThatIsGoneIsWithdrawn() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("clip.flv")
        let job = try await ClaimedJob(site, upload, site.configuration())
        // The file is deleted at the worst moment: after its results' names are recorded, before the row is written.
        let (jobs, files) = (site.fixture.table("transcoder_jobs"), site.fixture.table("files"))
        _ = try await site.fixture.database.write { session in
            try session.execute(
                """
                create trigger meanwhile after update of state on \(jobs) when new.state = 'publishing'
                begin update \(files) set deleted_at = '2026-01-01 00:00:00' where id = new.file_id; end
                """)
        }
        guard case .lost = await job.run() else { Issue.record("not lost"); return }
        #expect(site.fixture.storedFiles() == [upload.path])
        let row = try await site.fixture.file(upload.id)
        #expect(row.path == upload.path && row.originalPath == nil && row.posterPath == nil)
        #expect(job.board.status().counts.done == 0)
    }

    @Test func aFileThatIsDeletedMeanwhileIsLeftAlone() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let gated = try site.gatedProgram()
        let job = try await ClaimedJob(site, upload, site.configuration(program: gated.path))
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        try await site.fixture.set("deleted_at", site.fixture.timestamp(), file: upload.id)
        gated.open()
        guard case .lost = await running else { Issue.record("not lost"); return }
        #expect(site.fixture.storedFiles() == [upload.path])
        #expect(try await site.fixture.file(upload.id).path == upload.path)
    }

    @Test func aStoppedJobIsHandedBack() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration(program: try site.program(FakeChild.readRequest + "exec sleep 1000")))
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        job.control.stop(.drained)
        guard case .handedBack = await running else { Issue.record("not handed back"); return }
        #expect(try await site.fixture.file(upload.id).state == 1)
        #expect(try await job.context.site.job(of: upload.id)?.attempts == 0)
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func aJobStoppedBeforeItBeganIsHandedBack() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration())
        job.control.stop(.drained)
        guard case .handedBack = await job.run() else { Issue.record("not handed back"); return }
        #expect(try await site.fixture.file(upload.id).state == 1)
    }

    @Test func whatACrashLeftIsSwept() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration())
        // As a daemon leaves it that is killed: recorded names, one of them with a file.
        let name = try #require(try job.context.disk.workName(beside: upload.path))
        #expect(try await job.context.site.willPublish(job.claim, workNames: [name]))
        try Data("half a film".utf8).write(to: URL(filePath: site.path(name)))
        try await job.context.sweep()
        #expect(site.fixture.hiddenFiles() == [name], "a claim that is held keeps its files")
        _ = try await job.context.site.reclaimLost(isAlive: { _ in false }, thisHost: job.context.owner.host)
        try await job.context.sweep()
        #expect(site.fixture.storedFiles() == [upload.path])
        // Its maker, this process, lives: the name is remembered.
        #expect(try await job.context.site.leftovers(limit: 10).first?.names.map(\.maker) == [job.context.owner])
        try Data("a frozen maker's".utf8).write(to: URL(filePath: site.path(name)))
        try await job.context.sweep()
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func theSitesOwnWordChoosesTheProfile() async throws {
        let site = try await JobSite(.init(edition: .v2))
        let table = site.fixture.table("configs")
        func say(_ text: String) async throws {
            _ = try await site.fixture.database.write { session in
                try session.execute("delete from \(table) where item_key = 'video_transcode'")
                try session.execute(
                    "insert into \(table) (item_key, item_value, item_type) values ('video_transcode', \(text), 'string')")
            }
        }
        var configuration = site.configuration()
        configuration.profiles["small"] = Profile()
        configuration.profiles["small"]?.name = "small"
        let context = try await site.context(configuration)
        let choice = ProfileChoice(configuration: configuration, log: context.log)
        try await say("small")
        #expect(try await choice.profile(for: .video, of: context.site).name == "small")
        #expect(try await choice.profile(for: .audio, of: context.site).name == "web")
        try await say(#"{"video": {"max_side": 640}}"#)
        #expect(try await choice.profile(for: .video, of: context.site).video.maxSide == 640)
        // Another plugin's words are no reason to stop.
        try await say("preset=xyz")
        #expect(try await choice.profile(for: .video, of: context.site) == Profile())
    }

    /// The machine is the operator's: what a site says of itself may ask for less of it, and never for more.
    @Test func theOperatorsLimitsAreCeilings() async throws {
        let site = try await JobSite(.init(edition: .v2))
        let table = site.fixture.table("configs")
        let configuration = try Configuration.parse("limits: {time: 1h, memory: 1GiB, duration: 60s, side: 1000}\nsite: \(site.fixture.root)")
        let context = try await site.context(site.configuration { $0.profiles = configuration.profiles })
        let choice = ProfileChoice(configuration: configuration, log: context.log)
        let words = #"{"limits": {"time": "5h", "memory": "64GiB", "duration": "30s", "side": 32768, "pixels": 999999999, "frames": 7}}"#
        _ = try await site.fixture.database.write { session in
            try session.execute(
                "insert into \(table) (item_key, item_value, item_type) values ('video_transcode', \(words), 'string')")
        }
        let limits = try await choice.profile(for: .video, of: context.site).limits
        #expect(limits.time == 3600 && limits.memory == 1 << 30 && limits.duration == 30 && limits.side == 1000)
        #expect(limits.pixels == MediaLimits().pixels && limits.frames == 7)
    }
}
