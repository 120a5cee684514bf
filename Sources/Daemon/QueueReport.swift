internal import Execution
internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaProcess
internal import Objects
internal import Observability
internal import Site
internal import WorkerConfiguration

/// Counts the queue for the status, and logs what people should know of it. Used only by the daemon's loop.
struct QueueReport {
    let board: StatusBoard
    /// The last count of the waiting files, and how long it took.
    private var counted: (at: ContinuousClock.Instant, took: Duration)?
    /// Disks other than this host's that the log has already named.
    private var elsewhere: Set<String> = []
    private let clock = ContinuousClock()

    init(_ board: StatusBoard) { self.board = board }

    /// - Parameter anew: even if counting the waiting files takes long.
    mutating func count(_ context: WorkerContext, anew: Bool = false) async throws {
        let space = await context.budget.freeSpace()
        let (start, running) = (clock.now, context.jobs.count)
        // With many drafts, counting the waiting files takes long: it may take one twentieth of the time.
        let known = anew ? nil : counted.flatMap { start - $0.at < $0.took * 20 ? board.waiting : nil }
        let counts = try await context.site.counts(since: context.configuration.since, waiting: known)
        if known == nil {
            tell(try await context.site.elsewhere(since: context.configuration.since), context.log)
            let waited = counts.waiting == 0 ? nil : try await context.site.longestWait(since: context.configuration.since)
            board.set(waitingSince: waited.map { Date(timeIntervalSinceNow: -$0) })
            counted = (clock.now, clock.now - start)
        }
        // A job that has ended since was counted, or not: none is counted twice.
        board.set(waiting: counts.waiting, runningElsewhere: max(0, counts.running - running), retrying: counts.retrying)
        let retrying = counts.retrying == 0 ? [] : try await context.site.retrying(limit: 10)
        board.set(retrying: retrying.compactMap(Status.Retry.init))
        let failed = counts.failed == 0 ? [] : try await context.site.list(.failed, limit: 10)
        board.set(lastFailures: failed.compactMap(Status.Failure.init))
        let (buckets, cache) = await context.stores.report()
        board.set(buckets: buckets, cache: cache)
        board.set(disk: space.map { Status.Disk(free: $0.work, required: context.budget.promised) })
    }

    /// Logged once each; the status shows them as long as the daemon runs.
    func tell(_ notices: [String], _ log: Logger) {
        for notice in board.set(notices: notices) { log.warning("\(notice)") }
    }

    /// Skipped files: logged when their disk is first seen, and when none are left; the status shows their number.
    private mutating func tell(_ files: [FilesOnForeignDisks], _ log: Logger) {
        let waiting = files.filter { $0.waiting > 0 }
        board.set(elsewhere: waiting.compactMap(Status.ForeignDisk.init))
        let told = elsewhere
        elsewhere = Set(waiting.map { $0.noun + $0.cause })
        for files in waiting where !told.contains(files.noun + files.cause) {
            log.log(level: files.isKnown ? .notice : .warning, "\(files.sentence)")
        }
        if waiting.isEmpty, !told.isEmpty { log.notice("No more files are waiting on other disks.") }
    }
}
