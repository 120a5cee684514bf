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

/// What is tried again, and what is whose fault.
@Suite struct JobRetryTests {
    /// What is not there at one look may be there at the next.
    @Test func aMissingSourceIsLookedForTwice() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        _ = try await site.publish("tune.mp3")
        unlink(site.path(upload.path))
        let configuration = site.configuration { $0.retry.missingWait = .seconds(3600) }
        let first = try await ClaimedJob(site, upload, configuration)
        func look(early: Bool) async throws -> JobEnd {
            let claim = try #require(
                try await first.context.site.claim(
                    upload.id, path: upload.path, owner: first.context.owner, lease: .seconds(60), early: early))
            return await first.context.runner(board: first.board).run(first.file, first.context.begin(first.file, claim), threads: 1)
        }
        guard case .retry(let verdict, let moment) = await first.run() else { Issue.record("not looked for again"); return }
        #expect(verdict.code == .sourceMissing && moment > Date(timeIntervalSinceNow: 3000))
        #expect(try await site.fixture.file(upload.id).state == 1)
        // A person who cannot wait looks too, and decides nothing.
        guard case .retry = try await look(early: true) else { Issue.record("given up before the wait was over"); return }
        #expect(try await first.context.site.job(of: upload.id)?.attempts == 0)

        let jobs = site.fixture.table("transcoder_jobs")
        _ = try await site.fixture.database.write { try $0.execute("update \(jobs) set next_at = 1") }
        guard case .failed(let last) = try await look(early: false) else { Issue.record("not given up"); return }
        #expect(last.code == .sourceMissing)
        let row = try await site.fixture.file(upload.id)
        #expect(row.state == 4 && row.reason == last.reason && row.path == upload.path)
    }

    @Test func aFileThatIsBackAtTheSecondLookIsDone() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        _ = try await site.publish("tune.mp3")
        let path = site.path(upload.path)
        rename(path, path + ".away")
        let first = try await ClaimedJob(site, upload, site.configuration { $0.retry.missingWait = .zero })
        guard case .retry = await first.run() else { Issue.record("not looked for again"); return }
        rename(path + ".away", path)
        let claim = try await first.context.site.claim(upload.id, path: upload.path, owner: first.context.owner, lease: .seconds(60), early: true)
        let end = await first.context.runner(board: first.board).run(
            first.file, first.context.begin(first.file, try #require(claim)), threads: 1)
        guard case .done = end else { Issue.record("not done: \(end)"); return }
    }

    /// Several at once are a disk, and the folder has a name.
    @Test func manyMissingSourcesNameTheirFolder() {
        let missing = MissingUploadAlarm()
        let now = ContinuousClock.now
        #expect(missing.add(1, in: "/s/videos/202601", at: now) == nil)
        #expect(missing.add(1, in: "/s/videos/202601", at: now) == nil, "the same file again")
        #expect(missing.add(2, in: "/s/videos/202601", at: now) == nil)
        #expect(missing.add(3, in: "/s/videos/202602", at: now) == nil)
        #expect(missing.add(3, in: "/s/videos/202601", at: now)?.contains("3 uploads are missing from the folder /s/videos/202601") == true)
        #expect(missing.add(4, in: "/s/videos/202601", at: now) == nil, "once is enough for a while")
        #expect(missing.add(5, in: "/s/videos/202601", at: now + .seconds(1801)) == nil)
    }

    /// One that is gone for good does not keep thousands of files busy: each is looked for as seldom as it has been away for long.
    @Test func waitsForAFolderThatIsAwayGrow() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration { $0.retry.base = .seconds(30) })
        // A month's, which holds one day: that is what is first seen to be empty.
        let folder = site.path(upload.path.split(separator: "/").dropLast(2).joined(separator: "/"))
        try FileManager.default.createDirectory(atPath: (folder as NSString).deletingLastPathComponent + "/202501", withIntermediateDirectories: false)
        #expect(job.context.away.add(folder, at: .now - .seconds(1000)))
        try FileManager.default.moveItem(atPath: folder, toPath: site.folder + "/away")
        guard case .retry(let verdict, let moment) = await job.run() else { Issue.record("not retried"); return }
        #expect(verdict.code == .hostFault && (700...1300).contains(moment.timeIntervalSinceNow), "\(moment.timeIntervalSinceNow)")
        await job.context.lookForAway()
        let told = try #require(job.context.away.all.first).sentence(storage: site.fixture.storagePath)
        #expect(told.hasPrefix("1 upload waits for the folder \(folder),") && told.contains("“transcoder cancel --folder audios/"), "\(told)")
        // It is not for as long as that that a file waits whose folder is back.
        try FileManager.default.moveItem(atPath: site.folder + "/away", toPath: folder)
        await job.context.lookForAway()
        #expect(job.context.away.isEmpty)
        #expect(try await job.context.site.waiting(limit: 1).map(\.file.id) == [upload.id])
        await job.context.site.close()
    }

    @Test func whatTheMachineLacksIsNoFaultOfTheFile() {
        for code in [EMFILE, ENFILE, ENOMEM, EAGAIN, ESTALE] {
            #expect(Verdict(endedBy: ObjectError.io("a", call: "open", code: code)).code == .hostFault)
        }
        #expect(Verdict(endedBy: ObjectError.io("a", call: "read", code: EIO)).code == .io)
    }

    /// No try is counted, and yet the work is not begun anew at the same pace for ever.
    @Test func aKilledChildCostsNoTryAndWaitsGrow() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "kill -KILL $$")) {
            $0.retry.base = .seconds(100)
            $0.retry.jitter = 0
        }
        let job = try await ClaimedJob(site, upload, configuration)
        var claim = job.claim
        for wait in [100.0, 400, 1600, 3600, 3600] {
            let end = await job.context.runner(board: job.board).run(job.file, job.context.begin(job.file, claim), threads: 1)
            guard case .retry(let verdict, let moment) = end else { Issue.record("not retried: \(end)"); return }
            #expect(verdict.code == .hostFault && abs(moment.timeIntervalSinceNow - wait) < 50, "\(verdict) \(moment)")
            #expect(try await job.context.site.job(of: upload.id)?.attempts == 0)
            claim = try #require(
                try await job.context.site.claim(upload.id, path: upload.path, owner: job.context.owner, lease: .seconds(60), early: true))
        }
    }

    @Test func aMissingDiskIsNoFaultOfTheFile() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let job = try await ClaimedJob(site, upload, site.configuration())
        rename(site.fixture.storagePath, site.fixture.storagePath + "-gone")
        guard case .retry(let verdict, _) = await job.run() else { Issue.record("not retried"); return }
        #expect(verdict.code == .hostFault && !verdict.code.countsAsTry)
        #expect(try await site.fixture.file(upload.id).state == 1)
    }

    @Test func aCrashIsTriedAgainAndThenGivenUp() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let configuration = site.configuration(program: try site.program(FakeChild.readRequest + "ulimit -c 0; kill -SEGV $$"))
        let first = try await ClaimedJob(site, upload, configuration)
        guard case .retry(let verdict, let moment) = await first.run() else { Issue.record("not retried"); return }
        #expect(verdict.code == .crashed)
        #expect(moment < Date() + 1)
        #expect(try await site.fixture.file(upload.id).state == 1)
        #expect(try await first.context.site.job(of: upload.id)?.attempts == 1)

        let claim = try await first.context.site.claim(
            upload.id, path: upload.path, owner: first.context.owner, lease: .seconds(60), early: true)
        let end = await first.context.runner(board: first.board).run(
            first.file, first.context.begin(first.file, try #require(claim)), threads: 1)
        guard case .failed(let last) = end else { Issue.record("not given up"); return }
        #expect(last.code == .crashed)
        #expect(try await site.fixture.file(upload.id).state == 4)
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func aLieAboutTheOutputIsFoundOut() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        var outcome = MediaOutcome()
        outcome.duration = 1_000_000
        outcome.fileExtension = "m4a"
        outcome.mime = "audio/mp4"
        let script = FakeChild.readRequest + (try FakeChild.result(outcome))
        let job = try await ClaimedJob(site, upload, site.configuration(program: try site.program(script)))
        guard case .retry(let verdict, _) = await job.run() else { Issue.record("not refused"); return }
        #expect(verdict.code == .protocolError)
        #expect(try await site.fixture.file(upload.id).path == upload.path)
        #expect(site.fixture.storedFiles() == [upload.path])
    }

    @Test func aSourceThatChangesIsNotWrittenBack() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let gated = try site.gatedProgram()
        let job = try await ClaimedJob(site, upload, site.configuration(program: gated.path))
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        // The same bytes in another file: whoever did that may have meant something by it.
        let path = site.path(upload.path)
        try FileManager.default.copyItem(atPath: path, toPath: path + ".new")
        rename(path + ".new", path)
        gated.open()
        guard case .retry(let verdict, _) = await running else { Issue.record("not retried"); return }
        #expect(verdict.code == .sourceChanged)
        #expect(site.fixture.storedFiles() == [upload.path])
        #expect(try await site.fixture.file(upload.id).state == 1)
    }

    /// Half of one film and half of another: it is damaged, and so is neither of them.
    @Test func whatIsWrongWithASourceThatChangesIsNotItsFault() async throws {
        let site = try await JobSite()
        let upload = try await site.publish("tune.mp3")
        let gated = try site.gatedProgram()
        let job = try await ClaimedJob(site, upload, site.configuration(program: gated.path))
        async let running = job.run()
        try await until("work files") { site.fixture.hiddenFiles().count == 2 }
        try Data("no media".utf8).write(to: URL(filePath: site.path(upload.path)))
        gated.open()
        guard case .retry(let verdict, _) = await running else { Issue.record("not retried"); return }
        #expect(verdict.code == .sourceChanged)
        #expect(try await site.fixture.file(upload.id).state == 1)
    }
}
