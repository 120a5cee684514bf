package import FoundationEssentials
internal import Jobs
package import MediaWire
internal import Platform
internal import Synchronization
package import Verdicts

/// The daemon's knowledge of itself. Jobs write to it from any thread; status and metrics read it. The running jobs are not its own:
/// it reads their courses where they are kept.
public final class StatusBoard: Sendable {
    private struct Contents {
        var status: Status
        var tally = WorkCounters()
        /// Working media processes.
        var children = 0
        /// Increases with every change.
        var revision = 0
    }

    private let contents: Mutex<Contents>
    private let running: @Sendable () -> [JobCourse]
    package let heartbeat = Heartbeat()
    private static let awayTold = 20

    /// - Parameter running: the courses of the running jobs.
    package init(
        pid: Int32, host: String, database: String, sandbox: Status.Sandbox? = nil, running: @escaping @Sendable () -> [JobCourse] = { [] }
    ) {
        self.running = running
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

    /// - Parameter runningElsewhere: on other workers. Those of this one are known at any moment.
    package func set(waiting: Int, runningElsewhere: Int, retrying: Int) {
        contents.withLock { contents in
            var counts = contents.status.counts
            counts.waiting = waiting
            counts.running = runningElsewhere
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

    package func set(lastFailures: [Status.Failure]) {
        contents.withLock { contents in
            guard contents.status.lastFailures != lastFailures else { return }
            contents.status.lastFailures = lastFailures
            contents.revision += 1
        }
    }

    /// A claimed file no longer waits: known before the database is counted again.
    package func claim() {
        change { contents in
            contents.status.counts.waiting = max(0, contents.status.counts.waiting - 1)
            if contents.status.counts.waiting == 0 { contents.status.waitingSince = nil }
        }
    }

    package var waiting: Int { contents.withLock { $0.status.counts.waiting } }

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

    package func set(buckets: [Status.Bucket], cache: Status.Cache?) {
        contents.withLock { contents in
            contents.status.buckets = buckets.isEmpty ? nil : buckets
            contents.status.cache = cache
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

    /// A job has begun: its course is new among the running ones.
    package func begin() { change { _ in } }

    package func progress(_ course: JobCourse, _ progress: MediaProgress) { advance(course) { $0.update(progress) } }

    package func enter(_ phase: JobPhase, _ course: JobCourse) { advance(course) { $0.enter(phase) } }

    private func advance(_ course: JobCourse, _ step: (inout JobProgress) -> Void) {
        change { contents in
            if let left = course.advance(step) { contents.tally.leave(left.phase, after: left.seconds) }
        }
    }

    private func end(_ course: JobCourse, _ ending: WorkCounters.Ending, in contents: inout Contents) -> JobTimings {
        let (last, timings) = course.end()
        contents.tally.leave(last.phase, after: last.seconds)
        contents.tally.end(ending, after: timings.seconds)
        return timings
    }

    /// The job ended without a verdict: returned to the queue, or taken over.
    @discardableResult
    package func end(_ course: JobCourse, as outcome: WorkCounters.Outcome) -> JobTimings {
        change { end(course, WorkCounters.Ending(outcome: outcome), in: &$0) }
    }

    @discardableResult
    package func succeed(
        _ course: JobCourse, mediaSeconds: Double, bytesIn: Int64, bytesOut: Int64, processorSeconds: Double
    ) -> JobTimings {
        change { contents in
            contents.status.counts.done += 1
            contents.status.totals.mediaSeconds += mediaSeconds
            // Values from rows are taken as they are, but never negative.
            contents.status.totals.bytesIn = contents.status.totals.bytesIn.addingSaturated(max(0, bytesIn))
            contents.status.totals.bytesOut = contents.status.totals.bytesOut.addingSaturated(max(0, bytesOut))
            contents.status.totals.processorSeconds += processorSeconds
            return end(course, WorkCounters.Ending(outcome: .done), in: &contents)
        }
    }

    @discardableResult
    package func fail(_ course: JobCourse, _ verdict: Verdict, willRetry: Bool) -> JobTimings {
        change { contents in
            if willRetry { contents.status.counts.retrying += 1 } else { contents.status.counts.failed += 1 }
            return end(course, WorkCounters.Ending(outcome: willRetry ? .retried : .failed, code: verdict.code), in: &contents)
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
        var status = contents.status
        status.updatedAt = Date()
        status.running = running().sorted { $0.start < $1.start }.compactMap(\.job)
        status.counts.running += status.running.count
        return status
    }
}
