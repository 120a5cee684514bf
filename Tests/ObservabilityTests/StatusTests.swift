import Foundation
import Glibc
import Jobs
import MediaWire
import Testing
import TestSupport
import Verdicts
@testable import Observability
@testable import WorkerConfiguration

/// The status file, and several of them put together.
@Suite struct StatusTests {
    private let place = TemporaryFolder()
    var folder: String { place.path }
    var path: String { folder + "/status.json" }

    private let courses = JobCourses()

    private func board(pid: Int32 = getpid(), _ courses: JobCourses? = nil) -> StatusBoard {
        let courses = courses ?? self.courses
        return StatusBoard(pid: pid, host: "media-1", database: "sqlite", running: { courses.all })
    }

    private func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    private func progress(_ phase: MediaProgress.Phase, done: Double, of total: Double? = 100) -> MediaProgress {
        var progress = MediaProgress()
        progress.phase = phase
        progress.done = Int(done * 1e6)
        progress.total = total.map { Int($0 * 1e6) }
        return progress
    }

    @Test func everythingOnTheBoardFollowsTheSchema() throws {
        let board = board()
        board.set(state: .running)
        board.set(waiting: 3, runningElsewhere: 0, retrying: 1)
        board.set(disk: Status.Disk(free: 1_000_000, required: 1500))
        board.set(waitingFor: "A file waits.")
        let film = courses.begin(7, name: "clip.mov")
        board.progress(film, progress(.transcoding, done: 1))
        board.progress(film, progress(.transcoding, done: 50))
        _ = courses.begin(8, name: "voice.m4a", attempt: 2)
        for id in 101...112 {
            board.fail(courses.begin(Int64(id)), Verdict(.notMedia), willRetry: id % 2 == 0)
        }
        let failure = Status.Failure(
            fileID: 111, fid: "f", code: "not-media", reason: "It is not media.", cause: String(repeating: "long ", count: 1000), at: Date(timeIntervalSince1970: 1_900_000_000))
        board.set(lastFailures: [failure])
        let retry = Status.Retry(
            fileID: 9, fid: "ghi", name: "b.mov", attempts: 1, code: "crashed", reason: "It crashed.",
            nextAt: Date(timeIntervalSince1970: 2_000_000_000))
        board.set(retrying: [retry])
        let status = board.status()
        #expect(status.retrying == [retry])
        let data = try status.json()
        #expect(try StatusSchema.load().faults(in: data).isEmpty)
        #expect(try Status(json: data).running.count == 2)
        #expect(status.lastFailures == [failure] && failure.cause?.count == 1000)
        #expect(status.counts.running == 2, "what runs here is counted at any moment")
        #expect(status.counts.failed == 6)
        #expect(status.disk == Status.Disk(free: 1_000_000, required: 1500))
        let job = try #require(status.running.first)
        #expect(job.fileID == 7 && job.phase == .transcoding && job.percent == 47.5)
        #expect(job.speed != nil)
    }

    @Test func theFileIsReplacedAsAWhole() throws {
        let file = try StatusFile(path: path, pid: 1)
        let board = board()
        try file.write(board.status())
        // Whoever holds the old file open goes on reading a whole one.
        let old = try #require(FileHandle(forReadingAtPath: path))
        board.set(state: .draining)
        try file.write(board.status())
        #expect(try Status(json: old.readToEnd() ?? Data()).state == .starting)
        #expect(try Status(json: Data(contentsOf: URL(filePath: path))).state == .draining)
        #expect(names() == ["status.json", "status.json.lock"])
        #expect(try permissions(path) == 0o640, "names of people's files are in it")
        #expect(try permissions(path + ".lock") == 0o600)
    }

    private func permissions(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// A former version's, or one that somebody has opened to all.
    @Test func rightsThatWereWiderAreTakenBack() throws {
        try Data().write(to: URL(filePath: path + ".lock"))
        chmod(path + ".lock", 0o666)
        let file = try StatusFile(path: path, pid: 1)
        try Data().write(to: URL(filePath: path))
        chmod(path, 0o666)
        try file.write(board().status())
        for (name, mode) in [(path, mode_t(0o640)), (path + ".lock", 0o600)] {
            #expect(try permissions(name) == Int(mode))
        }
    }

    /// Whatever stands in a row or a file.
    @Test(arguments: [Int64.min, -1, 0, .max]) func sumsSaturate(number: Int64) throws {
        let board = board()
        for id in Int64(1)...3 {
            board.succeed(
                courses.begin(id, attempt: Int(number)), mediaSeconds: Double(number), bytesIn: number, bytesOut: number, processorSeconds: Double(number))
        }
        var status = board.status()
        #expect(status.totals.bytesIn == max(0, number))
        status.counts.done = Int(number)
        status.disk = Status.Disk(free: number, required: number)
        var other = status
        other.totals.bytesIn = 1
        other.running = [
            .init(
                fileID: number, fid: "f", name: "n", phase: .transcoding, percent: Double(number), speed: Double(number),
                secondsLeft: Double(number), attempt: Int(number), startedAt: Date())
        ]
        status.pid = getpid()
        other.pid = getpid()
        for statuses in [[status, other], [other, status], [status, status]] {
            let report = try #require(StatusReport(statuses, now: Date()))
            _ = StatusTable(report, now: Date()).text
            _ = report.status.sentence
            _ = try report.json(pretty: true)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 9.3e18, -0.4]) func everyNumberIsWritten(number: Double) {
        #expect(!Quantity.tenths(number).isEmpty && !Quantity.clock(seconds: number).isEmpty && !Quantity.number(number).isEmpty)
        #expect(Quantity.tenths(-0.4) == "-0.4")
    }

    @Test func aSecondDaemonTakesANameOfItsOwn() throws {
        let first = try StatusFile(path: path, pid: 100)
        let second = try StatusFile(path: path, pid: 200)
        #expect(first.path == path)
        #expect(second.path == folder + "/status.200.json")
        try first.write(board().status())
        try second.write(board().status())
        second.end()
        first.end()
        #expect(names() == ["status.json", "status.json.lock"], "only the first one's last word stays")
    }

    @Test func theNameIsFreeAgainAfterTheFirst() throws {
        do { _ = try StatusFile(path: path, pid: 100) }
        #expect(try StatusFile(path: path, pid: 200).path == path)
    }

    @Test func whatDeadSecondDaemonsLeftIsRemoved() throws {
        // No process has this number: the kernel's largest is 4194304.
        try board(pid: 4_999_999).status().json().write(to: URL(filePath: folder + "/status.4999999.json"))
        try Data("{}".utf8).write(to: URL(filePath: folder + "/status.notes.json"))
        _ = try StatusFile(path: path, pid: 1)
        #expect(names() == ["status.json.lock", "status.notes.json"])
    }

    @Test func aMissingFolderIsMade() throws {
        let file = try StatusFile(path: folder + "/run/status.json", pid: 1)
        try file.write(board().status())
        #expect(FileManager.default.fileExists(atPath: folder + "/run/status.json"))
    }

    @Test func severalAreMerged() throws {
        let others = JobCourses()
        let (one, two) = (board(), board(pid: getppid(), others))
        one.set(state: .draining)
        two.set(state: .running)
        one.set(waiting: 5, runningElsewhere: 1, retrying: 0)
        two.set(waiting: 4, runningElsewhere: 1, retrying: 1)
        _ = courses.begin(1)
        _ = others.begin(2)
        one.succeed(courses.begin(3), mediaSeconds: 1, bytesIn: 10, bytesOut: 5, processorSeconds: 1)
        two.succeed(others.begin(4), mediaSeconds: 2, bytesIn: 20, bytesOut: 10, processorSeconds: 1)
        let report = try #require(StatusReport([one.status(), two.status()], now: Date()))
        #expect(report.instances.map(\.pid) == [getpid(), getppid()])
        #expect(report.status.state == .running)
        #expect(report.status.counts.waiting == 5 && report.status.counts.running == 2, "what is in the database is said twice")
        #expect(report.status.counts.done == 2)
        #expect(report.status.running.map(\.fileID) == [1, 2])
        #expect(report.status.totals.bytesIn == 30)
        #expect(try StatusSchema.load().faults(in: report.json(pretty: true)).isEmpty)
    }

    @Test func aDaemonThatDiedWithoutAWordIsSeenToBeGone() throws {
        let dead = board(pid: 4_999_999)
        dead.set(state: .running)
        _ = courses.begin(1)
        let report = try #require(StatusReport([dead.status()], now: Date()))
        #expect(report.status.state == .died && report.isFault && report.status.running.isEmpty)
        #expect(try StatusSchema.load().faults(in: report.json(pretty: true)).isEmpty)
        #expect(StatusTable(report, now: Date()).text.hasPrefix("died      process 4999999 on "))

        let silent = board()
        silent.set(state: .running)
        let later = try #require(StatusReport([silent.status()], now: Date(timeIntervalSinceNow: 60)))
        #expect(later.status.state == .silent && later.isFault)
        #expect(StatusReport([], now: Date()) == nil)
    }

    @Test func reportsAreReadFromAllFiles() throws {
        #expect(try StatusReport.read(path: path) == nil)
        let first = try StatusFile(path: path, pid: getpid())
        let second = try StatusFile(path: path, pid: getppid())
        let others = JobCourses()
        let (one, two) = (board(), board(pid: getppid(), others))
        for board in [one, two] { board.set(state: .running) }
        try first.write(one.status())
        try second.write(two.status())
        #expect(try #require(try StatusReport.read(path: path)).instances.count == 2)
    }
}

@Suite struct ProgressMeterTests {
    private func step(_ meter: inout ProgressMeter, _ phase: MediaProgress.Phase, _ done: Double, at seconds: Double) {
        var progress = MediaProgress()
        progress.phase = phase
        progress.done = Int(done * 1e6)
        progress.total = 100_000_000
        meter.update(progress, at: seconds)
    }

    @Test func percentRisesAndSecondsLeftFall() throws {
        var meter = ProgressMeter()
        #expect(meter.percent == 0)
        step(&meter, .probing, 0, at: 0.1)
        step(&meter, .transcoding, 0, at: 1)
        #expect(meter.secondsLeft(at: 1) == nil, "nobody knows yet")
        var (percent, left) = (0.0, Double.infinity)
        for second in 1...9 {
            step(&meter, .transcoding, Double(second * 10), at: 1 + Double(second))
            let now = try #require(meter.percent)
            let rest = try #require(meter.secondsLeft(at: 1 + Double(second)))
            #expect(now > percent && rest < left)
            (percent, left) = (now, rest)
        }
        #expect(meter.speed == 10)
        #expect(try #require(meter.secondsLeft(at: 10.5)) < left, "it falls between two messages too")
        #expect(meter.secondsLeft(at: 30) == nil, "it takes longer than it seemed: nobody waits for nothing left")
        step(&meter, .finishing, 0, at: 11)
        #expect(meter.secondsLeft(at: 11) == nil)
        #expect(meter.percent == 95)
        meter.enter(.publishing)
        #expect(meter.percent == 99 && meter.phase == .publishing)
    }

    @Test func itNeverGoesBack() {
        var meter = ProgressMeter()
        step(&meter, .transcoding, 60, at: 1)
        step(&meter, .transcoding, 20, at: 2)
        #expect(meter.percent == 57)
        step(&meter, .transcoding, 500, at: 3)
        #expect(meter.percent == 95, "a header may have promised less than there is")
    }

    @Test func withoutALengthThereIsNoPercent() {
        var meter = ProgressMeter()
        var progress = MediaProgress()
        progress.phase = .transcoding
        progress.done = 5_000_000
        meter.update(progress, at: 1)
        progress.done = 10_000_000
        meter.update(progress, at: 2)
        #expect(meter.percent == nil && meter.secondsLeft(at: 2) == nil && meter.speed == 10)
    }
}
