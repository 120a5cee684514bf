internal import FoundationEssentials
internal import Jobs
internal import MediaWire
internal import Synchronization

/// What the daemon knows of itself. Written to by the jobs, from any thread; read by whoever tells of it.
public final class StatusBoard: Sendable {
    private struct Running {
        var job: Status.Job
        var meter = ProgressMeter()
        let start: ContinuousClock.Instant
    }

    private struct Contents {
        var status: Status
        var running: [Int64: Running] = [:]
        /// Rises with every change.
        var revision = 0
    }

    private let contents: Mutex<Contents>
    private let clock = ContinuousClock()
    private static let failuresKept = 10

    public init(pid: Int32, host: String, database: String, sandbox: Status.Sandbox? = nil) {
        let status = Status(
            version: Version.current, pid: pid, host: host, at: Date(),
            database: Status.Database(kind: database, reachable: true), sandbox: sandbox)
        contents = Mutex(Contents(status: status))
    }

    private func change<Result>(_ body: (inout Contents) -> Result) -> Result {
        contents.withLock { contents in
            contents.revision += 1
            return body(&contents)
        }
    }

    public var revision: Int { contents.withLock { $0.revision } }

    func set(state: Status.State) { change { $0.status.state = state } }

    func set(databaseReachable: Bool) {
        contents.withLock { contents in
            guard contents.status.database.reachable != databaseReachable else { return }
            contents.status.database.reachable = databaseReachable
            contents.revision += 1
        }
    }

    func set(waiting: Int, running: Int, retrying: Int) {
        contents.withLock { contents in
            var counts = contents.status.counts
            counts.waiting = waiting
            counts.running = running
            counts.retrying = retrying
            guard counts != contents.status.counts else { return }
            contents.status.counts = counts
            contents.revision += 1
        }
    }

    func set(retrying: [Status.Retry]) {
        contents.withLock { contents in
            guard contents.status.retrying != retrying else { return }
            contents.status.retrying = retrying
            contents.revision += 1
        }
    }

    func set(disk: Status.Disk?) { contents.withLock { $0.status.disk = disk } }

    func set(waitingFor sentence: String?) {
        contents.withLock { contents in
            guard contents.status.waitingFor != sentence else { return }
            contents.status.waitingFor = sentence
            contents.revision += 1
        }
    }

    func begin(fileID: Int64, fid: String, name: String, attempt: Int) {
        let job = Status.Job(
            fileID: fileID, fid: fid, name: name, phase: .starting, attempt: attempt, startedAt: Date())
        let now = clock.now
        change { $0.running[fileID] = Running(job: job, start: now) }
    }

    func progress(fileID: Int64, _ progress: MediaProgress) {
        let now = clock.now
        change { contents in
            guard let start = contents.running[fileID]?.start else { return }
            contents.running[fileID]?.meter.update(progress, at: (now - start) / .seconds(1))
        }
    }

    func enter(fileID: Int64, _ phase: JobPhase) {
        change { $0.running[fileID]?.meter.enter(phase) }
    }

    /// The job is over without a verdict: handed back, or somebody else's.
    func end(fileID: Int64) {
        change { _ = $0.running.removeValue(forKey: fileID) }
    }

    func succeed(fileID: Int64, mediaSeconds: Double, bytesIn: Int64, bytesOut: Int64, processorSeconds: Double) {
        change { contents in
            contents.running.removeValue(forKey: fileID)
            contents.status.counts.done += 1
            contents.status.totals.mediaSeconds += mediaSeconds
            contents.status.totals.bytesIn += bytesIn
            contents.status.totals.bytesOut += bytesOut
            contents.status.totals.processorSeconds += processorSeconds
        }
    }

    func fail(fileID: Int64, fid: String, _ verdict: Verdict, willRetry: Bool) {
        let failure = Status.Failure(
            fileID: fileID, fid: fid, code: verdict.code.rawValue, reason: verdict.reason, willRetry: willRetry,
            at: Date())
        change { contents in
            contents.running.removeValue(forKey: fileID)
            if !willRetry { contents.status.counts.failed += 1 }
            contents.status.lastFailures.insert(failure, at: 0)
            contents.status.lastFailures.removeLast(max(0, contents.status.lastFailures.count - Self.failuresKept))
        }
    }

    /// Everything, as it is now.
    public func status() -> Status {
        let now = clock.now
        return contents.withLock { contents in
            var status = contents.status
            status.updatedAt = Date()
            status.running = contents.running.values.sorted { $0.start < $1.start }.map { running in
                var job = running.job
                job.phase = running.meter.phase
                job.percent = running.meter.percent
                job.speed = running.meter.speed
                job.secondsLeft = running.meter.secondsLeft(at: (now - running.start) / .seconds(1))
                return job
            }
            return status
        }
    }
}
