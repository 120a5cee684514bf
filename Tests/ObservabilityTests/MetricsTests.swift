import Foundation
import Jobs
import Logging
import MediaWire
import TestSupport
import Testing
import Verdicts
@testable import Observability
@testable import Platform

@Suite struct MetricsTests {
    private let courses = JobCourses()
    private let board: StatusBoard

    init() { board = StatusBoard(pid: 1, host: "media-1", database: "sqlite", running: { [courses] in courses.all }) }

    private func read(site: String = "/var/www/fresns") -> PrometheusText {
        // Known from the first look on.
        if board.status().disk == nil { board.set(disk: Status.Disk(free: 1, required: 0)) }
        return PrometheusText(board.metrics(site: site, workers: 4, ready: 2).text)
    }

    private func progress(_ course: JobCourse, _ phase: MediaProgress.Phase, done: Int = 0) {
        var progress = MediaProgress()
        (progress.phase, progress.done, progress.total) = (phase, done, 100_000_000)
        board.progress(course, progress)
    }

    /// Everything that may become of a job.
    private func work() {
        board.set(state: .running)
        let jobs = (1...8).map { courses.begin($0) }
        for job in jobs {
            board.begin()
            for phase in [MediaProgress.Phase.probing, .transcoding, .finishing, .verifying] { progress(job, phase) }
            board.enter(.publishing, job)
        }
        board.succeed(jobs[0], mediaSeconds: 12.5, bytesIn: 3_000_000_000, bytesOut: 1_000_000_000, processorSeconds: 6.25)
        board.succeed(jobs[1], mediaSeconds: 1, bytesIn: 10, bytesOut: 20, processorSeconds: 1)
        board.fail(jobs[2], Verdict(.notMedia), willRetry: false)
        board.fail(jobs[3], Verdict(.standstill(seconds: 300)), willRetry: true)
        board.fail(jobs[4], Verdict(.standstill(seconds: 300)), willRetry: false)
        board.end(jobs[5], as: .handedBack)
        board.end(jobs[6], as: .lost)
        board.end(jobs[7], as: .unreported)
    }

    @Test func aDaemonThatHasDoneNothingHasAllItsSeries() {
        let read = read()
        #expect(read.faults == [])
        #expect(read.value("transcoder_jobs_total", ["outcome": "failed", "code": "damaged"]) == 0)
        #expect(read.value("transcoder_jobs_total", ["outcome": "done", "code": ""]) == 0)
        #expect(read.value("transcoder_build_info", ["version": Version.current]) == 1)
        #expect(read.value("transcoder_state", ["state": "starting"]) == 1)
        #expect(read.value("transcoder_last_success_timestamp_seconds") == 0)
        work()
        let later = self.read()
        #expect(Set(read.samples.map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" })
            == Set(later.samples.map { "\($0.name)\($0.labels.sorted { $0.key < $1.key })" }), "no series begins at its first event")
    }

    @Test func eachEndingIsCountedOnce() {
        work()
        let read = read()
        #expect(read.faults == [])
        func jobs(_ outcome: String, _ code: String = "") -> Double? {
            read.value("transcoder_jobs_total", ["outcome": outcome, "code": code])
        }
        #expect(jobs("done") == 2 && jobs("failed", "not-media") == 1 && jobs("retried", "stalled") == 1)
        #expect(jobs("failed", "stalled") == 1 && jobs("handed-back") == 1 && jobs("lost") == 1 && jobs("unreported") == 1)
        #expect(read.samples.filter { $0.name == "transcoder_jobs_total" }.reduce(0) { $0 + $1.value } == 8)
        #expect(read.value("transcoder_stalls_total") == 2 && read.value("transcoder_retries_total") == 1)
        #expect(read.value("transcoder_media_seconds_total") == 13.5 && read.value("transcoder_processor_seconds_total") == 7.25)
        #expect(read.value("transcoder_input_bytes_total") == 3_000_000_010 && read.value("transcoder_output_bytes_total") == 1_000_000_020)
        #expect(read.value("transcoder_jobs_running") == 0)
    }

    @Test func everyPhaseIsMeasuredOnceForEachJob() throws {
        work()
        let read = read()
        for phase in JobPhase.allCases {
            #expect(read.value("transcoder_phase_duration_seconds_count", ["phase": phase.rawValue]) == 8, "\(phase)")
            let buckets = read.samples.filter { $0.name == "transcoder_phase_duration_seconds_bucket" && $0.labels["phase"] == phase.rawValue }
            #expect(buckets.map(\.value) == buckets.map(\.value).sorted() && buckets.last?.labels["le"] == "+Inf")
        }
        #expect(read.value("transcoder_job_duration_seconds_count", ["outcome": "done"]) == 2)
    }

    @Test func theQueueIsTold() {
        board.set(waiting: 7, runningElsewhere: 2, retrying: 1)
        board.set(waitingSince: Date(timeIntervalSinceNow: -3600))
        board.set(disk: Status.Disk(free: 5_000_000_000_000, required: 12))
        board.set(waitingFor: "A file waits.")
        board.set(databaseReachable: false)
        board.add(children: 2)
        let read = read()
        #expect(read.value("transcoder_queue_files", ["state": "waiting"]) == 7)
        #expect(read.value("transcoder_queue_oldest_age_seconds") == 3600)
        #expect(read.value("transcoder_disk_free_bytes") == 5_000_000_000_000)
        #expect(read.value("transcoder_queue_short_of_room") == 1 && read.value("transcoder_database_reachable") == 0)
        #expect(read.value("transcoder_children", ["state": "working"]) == 2 && read.value("transcoder_children", ["state": "ready"]) == 2)
        board.set(waitingSince: nil)
        #expect(self.read().value("transcoder_queue_oldest_age_seconds") == 0)
    }

    @Test func aFoldersNameDoesNotBreakTheFormat() {
        let site = "/srv/a \"site\"\\of\nmine"
        let read = read(site: site)
        #expect(read.faults == [])
        #expect(read.samples.allSatisfy { $0.labels["site"] == site })
    }

    @Test func durationsGoIntoTheirBuckets() {
        var histogram = Histogram()
        for seconds in [0, 0.05, 0.051, 1, 100_000, -1] { histogram.observe(seconds) }
        #expect(histogram.cumulative.map(\.count) == [3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6])
        #expect(histogram.count == 6 && abs(histogram.sum - 100_001.101) < 1e-6)
    }

    @Test func theFileIsReplacedAndRemoved() async throws {
        let place = TemporaryFolder()
        let file = MetricsFile(
            path: place.path + "/transcoder.prom", metrics: { [board] in board.metrics(site: "/s", workers: 1, ready: 0) },
            thread: try BlockingThread(), log: .init(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await file.write()
        let old = try #require(FileHandle(forReadingAtPath: file.path))
        board.set(state: .running)
        try await file.write()
        #expect(PrometheusText(String(decoding: try old.readToEnd() ?? Data(), as: UTF8.self)).value("transcoder_state", ["state": "starting"]) == 1)
        let new = PrometheusText(try String(contentsOfFile: file.path, encoding: .utf8))
        #expect(new.faults == [] && new.value("transcoder_state", ["state": "running"]) == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["transcoder.prom"])
        await file.remove()
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [])
        let nowhere = MetricsFile(path: place.path + "/none/t.prom", metrics: file.metrics, thread: file.thread, log: file.log)
        let error = await #expect(throws: ReplacementError.self) { try await nowhere.write() }
        #expect(try #require(error).description == "\(place.path)/none/t.prom cannot be written: No such file or directory.")
    }

    private static let docs = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/"

    /// What is shown and what alarms is there.
    @Test(arguments: ["grafana-dashboard.json", "alerts.yaml", "operate.md"])
    func theDocumentsNameMetricsThatThereAre(document: String) throws {
        let read = read()
        let names = Set(read.types.keys).union(read.samples.map(\.name))
        let text = try String(contentsOfFile: Self.docs + document, encoding: .utf8)
        let named = Set(text.matches(of: /\btranscoder_[a-z_]*[a-z]\b/).map { String($0.output) }).subtracting(["transcoder_jobs"])
        #expect(named.count > 5 && named.subtracting(names) == [])
    }

    @Test func everyMetricAndEveryAlertIsExplained() throws {
        let text = try String(contentsOfFile: Self.docs + "operate.md", encoding: .utf8)
        for name in read().types.keys { #expect(text.contains("`\(name)"), "\(name)") }
        let rules = try String(contentsOfFile: Self.docs + "alerts.yaml", encoding: .utf8)
        let alerts = rules.matches(of: /alert: (\w+)/).map { String($0.1) }
        #expect(alerts.count >= 8)
        for alert in alerts { #expect(text.contains("### \(alert)\n"), "\(alert)") }
    }
}
