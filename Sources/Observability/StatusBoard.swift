package import FoundationEssentials
internal import Jobs
package import MediaWire
internal import Platform
internal import Synchronization
package import Verdicts

/// The daemon's knowledge of itself. Jobs write to it from any thread; status and metrics read it.
public final class StatusBoard: Sendable {
    private struct Running {
        var job: Status.Job
        var meter = ProgressMeter()
        let start: ContinuousClock.Instant
        /// When its phase started.
        var phaseStart: ContinuousClock.Instant
        var phases: [JobPhase: Double] = [:]

        mutating func leavePhase(_ phase: JobPhase, at now: ContinuousClock.Instant) -> Double {
            let seconds = (now - phaseStart) / .seconds(1)
            phases[phase, default: 0] += seconds
            phaseStart = now
            return seconds
        }
    }

    private struct Contents {
        var status: Status
        var running: [Int64: Running] = [:]
        var tally = WorkCounters()
        /// Working media processes.
        var children = 0
        /// Increases with every change.
        var revision = 0
    }

    private let contents: Mutex<Contents>
    private let clock = ContinuousClock()
    package let heartbeat = Heartbeat()
    private static let failuresKept = 10
    private static let awayTold = 20

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

    package func set(state: Status.State) { change { $0.status.state = state } }

    package func set(databaseReachable: Bool) {
        contents.withLock { contents in
            guard contents.status.database.reachable != databaseReachable else { return }
            contents.status.database.reachable = databaseReachable
            contents.revision += 1
        }
    }

    /// Returns the new ones.
    package func set(notices: [String]) -> [String] {
        contents.withLock { contents in
            let known = contents.status.database.notices ?? []
            guard known != notices else { return [] }
            contents.status.database.notices = notices
            contents.revision += 1
            return notices.filter { !known.contains($0) }
        }
    }

    package func set(waiting: Int, running: Int, retrying: Int) {
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

    package func set(retrying: [Status.Retry]) {
        contents.withLock { contents in
            guard contents.status.retrying != retrying else { return }
            contents.status.retrying = retrying
            contents.revision += 1
        }
    }

    package func set(disk: Status.Disk?) { contents.withLock { $0.status.disk = disk } }

    package func set(waitingFor sentence: String?) {
        contents.withLock { contents in
            guard contents.status.waitingFor != sentence else { return }
            contents.status.waitingFor = sentence
            contents.revision += 1
        }
    }

    package func set(waitingSince moment: Date?) {
        contents.withLock { contents in
            let old = contents.status.waitingSince
            // Every query measures it again: the same upload gives the same time, within the second precision of rows.
            if let old, let moment, abs(old.timeIntervalSince(moment)) < 2 { return }
            guard old != moment else { return }
            contents.status.waitingSince = moment
            contents.revision += 1
        }
    }

    package func set(elsewhere: [Status.ForeignDisk]) {
        contents.withLock { contents in
            let new = elsewhere.isEmpty ? nil : elsewhere
            guard contents.status.elsewhere != new else { return }
            contents.status.elsewhere = new
            contents.revision += 1
        }
    }

    package func set(away: [Status.Away]) {
        contents.withLock { contents in
            let new = away.isEmpty ? nil : Array(away.prefix(Self.awayTold))
            guard contents.status.away != new else { return }
            contents.status.away = new
            contents.revision += 1
        }
    }

    /// This many more media processes are working.
    package func add(children: Int) { contents.withLock { $0.children += children } }

    package func begin(fileID: Int64, fid: String, name: String, attempt: Int) {
        let job = Status.Job(
            fileID: fileID, fid: fid, name: name, phase: .starting, attempt: attempt, startedAt: Date())
        let now = clock.now
        change { $0.running[fileID] = Running(job: job, start: now, phaseStart: now) }
    }

    package func progress(fileID: Int64, _ progress: MediaProgress) {
        advance(fileID) { $0.meter.update(progress, at: $1) }
    }

    package func enter(fileID: Int64, _ phase: JobPhase) {
        advance(fileID) { running, _ in running.meter.enter(phase) }
    }

    /// - Parameter step: receives the job, and the seconds since its start.
    private func advance(_ fileID: Int64, _ step: (inout Running, Double) -> Void) {
        let now = clock.now
        change { contents in
            guard var running = contents.running[fileID] else { return }
            let phase = running.meter.phase
            step(&running, (now - running.start) / .seconds(1))
            if running.meter.phase != phase {
                contents.tally.leave(phase, after: running.leavePhase(phase, at: now))
            }
            contents.running[fileID] = running
        }
    }

    /// nil if it had not started.
    private func remove(_ fileID: Int64, _ ending: WorkCounters.Ending, from contents: inout Contents) -> JobTimings? {
        let now = clock.now
        guard var running = contents.running.removeValue(forKey: fileID) else {
            contents.tally.end(ending, after: 0)
            return nil
        }
        let seconds = (now - running.start) / .seconds(1)
        contents.tally.leave(running.meter.phase, after: running.leavePhase(running.meter.phase, at: now))
        contents.tally.end(ending, after: seconds)
        return JobTimings(seconds: seconds, phases: running.phases, speed: running.meter.speed)
    }

    /// The job ended without a verdict: returned to the queue, or taken over.
    @discardableResult
    package func end(fileID: Int64, as outcome: WorkCounters.Outcome) -> JobTimings? {
        change { remove(fileID, WorkCounters.Ending(outcome: outcome), from: &$0) }
    }

    @discardableResult
    package func succeed(
        fileID: Int64, mediaSeconds: Double, bytesIn: Int64, bytesOut: Int64, processorSeconds: Double
    ) -> JobTimings? {
        change { contents in
            let course = remove(fileID, WorkCounters.Ending(outcome: .done), from: &contents)
            contents.status.counts.done += 1
            contents.status.totals.mediaSeconds += mediaSeconds
            // Values from rows are taken as they are, but never negative.
            contents.status.totals.bytesIn = contents.status.totals.bytesIn.addingSaturated(max(0, bytesIn))
            contents.status.totals.bytesOut = contents.status.totals.bytesOut.addingSaturated(max(0, bytesOut))
            contents.status.totals.processorSeconds += processorSeconds
            return course
        }
    }

    @discardableResult
    package func fail(fileID: Int64, fid: String, _ verdict: Verdict, willRetry: Bool) -> JobTimings? {
        let failure = Status.Failure(
            fileID: fileID, fid: fid, code: verdict.code.rawValue, reason: verdict.reason, willRetry: willRetry,
            at: Date())
        return change { contents in
            let course = remove(fileID, WorkCounters.Ending(outcome: willRetry ? .retried : .failed, code: verdict.code), from: &contents)
            if !willRetry { contents.status.counts.failed += 1 }
            contents.status.lastFailures.insert(failure, at: 0)
            contents.status.lastFailures.removeLast(max(0, contents.status.lastFailures.count - Self.failuresKept))
            return course
        }
    }

    /// The current status.
    public func status() -> Status { contents.withLock { status($0) } }

    /// - Parameters:
    ///   - site: its folder.
    ///   - ready: media processes in reserve.
    package func metrics(site: String, workers: Int, ready: Int) -> Metrics {
        contents.withLock { contents in
            Metrics(
                status: status(contents), tally: contents.tally, site: site, workers: workers,
                children: (contents.children, ready), lastTurn: heartbeat.lastTurn)
        }
    }

    private func status(_ contents: Contents) -> Status {
        let now = clock.now
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
