public import Execution
internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaProcess
internal import Objects
public import Observability
public import Platform
internal import Site
internal import Synchronization
internal import WorkerConfiguration

/// The service: finds waiting files, claims them, and runs several jobs at a time, until it is stopped.
public final class Daemon: Sendable {
    private let board: StatusBoard
    private let manager: ServiceManager
    private let watchdog: Watchdog
    private let wakeup = WakeupSignal()
    private let hints = PendingHints()
    private let notified = WakeupSignal()
    private let state: Mutex<State>
    private let clock = ContinuousClock()

    private struct State {
        /// Replaced by a reload.
        var context: WorkerContext
        var stops = 0
        var isRetiring = false
        var isInvalidating = false
        var isSeeking = false
        /// Disks other than this host's that the log has already named.
        var elsewhere: Set<String> = []

        var isBusyBeside: Bool { isRetiring || isInvalidating || isSeeking }
    }

    /// When each of the less frequent checks last ran.
    private struct Looks {
        var reclaim: ContinuousClock.Instant?
        var sweep: ContinuousClock.Instant?
        var retention: ContinuousClock.Instant?
        var cache: ContinuousClock.Instant?
        var away: ContinuousClock.Instant?
        var followUp: ContinuousClock.Instant?
        /// Readers may put old details back: check again soon.
        var followsUp = false
        var counts: ContinuousClock.Instant?
        /// The last count of waiting files, and how long it took.
        var waiting: (count: Int, at: ContinuousClock.Instant, took: Duration)?
        var failures = 0
    }

    /// The interval between checks for missing folders.
    private static let seekingRest = Duration.seconds(5)

    public init(_ context: WorkerContext, board: StatusBoard, manager: ServiceManager) {
        state = Mutex(State(context: context))
        self.board = board
        self.manager = manager
        watchdog = Watchdog(manager, board.heartbeat)
    }

    /// Works until `stops` tells it to end, or, with `untilIdle`, until the queue is empty.
    ///
    /// - Parameter stops: the first signal lets running jobs continue for the grace period, the second stops immediately.
    /// - Throws: only with `untilIdle`, if the database stays unreachable, and a `Verdict` if all waiting files wait for
    /// disk space.
    public func run(untilIdle: Bool, stops: AsyncStream<Void>, reloads: Reloads = .none) async throws {
        board.set(state: .running)
        manager.ready("Watching \(context.site.settings.root)")
        let failure = await withDiscardingTaskGroup { group in
            group.addTask { [wakeup] in
                for await _ in stops {
                    self.state.withLock { $0.stops += 1 }
                    wakeup.signal()
                }
            }
            group.addTask { [wakeup, site = context.site] in
                let wakeups = await site.wakeups(poll: { self.context.configuration.poll }, hints: self.notified.signals)
                for await _ in wakeups { wakeup.signal() }
            }
            group.addTask {
                for await _ in reloads.requests { self.reload(reloads) }
            }
            wakeup.signal()
            var signals = wakeup.signals.makeAsyncIterator()
            let failure = await self.work(untilIdle: untilIdle, &signals, &group)
            await self.drain(&signals)
            group.cancelAll()
            return failure
        }
        if let failure { throw failure }
    }

    /// Files that a notification named: the next pass picks them up.
    func expect(_ files: Set<Int64>) {
        hints.add(files)
        wakeup.signal()
    }

    /// There may be work.
    func wake() {
        wakeup.signal()
        notified.signal()
    }

    private var stops: Int { state.withLock { $0.stops } }
    /// With the current configuration.
    var context: WorkerContext { state.withLock { $0.context } }
    private var running: Int { context.jobs.count }
    private var isBusyBeside: Bool { state.withLock { $0.isBusyBeside } }

    private func work(
        untilIdle: Bool, _ signals: inout AsyncStream<Void>.Iterator, _ group: inout DiscardingTaskGroup
    ) async -> (any Error)? {
        var looks = Looks()
        var dispatcher = Dispatcher(board, wakeup: wakeup, hints: hints, watchdog: watchdog)
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        while await signals.next() != nil, stops == 0 {
            timer?.cancel()
            watchdog.feed()
            var wait = watchdog.rest(context.configuration.poll)
            do {
                try await look(&looks, &dispatcher, &group)
                if untilIdle, running == 0, !isBusyBeside {
                    let unfinished = try await context.site.unfinished(since: context.configuration.since)
                    if unfinished == 0 { return nil }
                    if let absence = try await context.lastingAbsence(unfinished: unfinished) { return absence }
                }
                if let retry = try await context.site.nextRetry() {
                    wait = min(wait, .seconds(max(0.01, retry.timeIntervalSinceNow)))
                } else if untilIdle, running == 0, !isBusyBeside, let shortage = dispatcher.shortage {
                    return shortage.verdict
                }
                if !context.away.isEmpty { wait = min(wait, Self.seekingRest) }
                if looks.followsUp { wait = min(wait, SiteCache.rest) }
                board.set(databaseReachable: true)
                tell(context.site.notices)
                looks.failures = 0
            } catch {
                board.set(databaseReachable: false)
                looks.failures += 1
                // Log once, not at every pass: an outage lasts for a while.
                if looks.failures == 1 { context.log.error("The site's database cannot be queried: \(error)") }
                manager.status("The site's database cannot be queried; retrying")
                if untilIdle, running == 0, looks.failures >= 5 { return error }
            }
            let pause = wait
            board.heartbeat.rest(for: pause)
            timer = Task { [wakeup] in
                // Silent if cancelled: a signal for each cancelled timer would keep the loop busy.
                do { try await Task.sleep(for: pause) } catch { return }
                wakeup.signal()
            }
        }
        return nil
    }

    private func look(
        _ looks: inout Looks, _ dispatcher: inout Dispatcher, _ group: inout DiscardingTaskGroup
    ) async throws {
        let context = context
        if isDue(&looks.reclaim, every: min(context.configuration.lease / 4, .seconds(5))) {
            context.site.set(longestWait: context.configuration.retry.cap * (1 + context.configuration.retry.jitter))
            // Running jobs renew their claims within a quarter of the lease.
            try await context.reclaim(watchTime: context.configuration.lease / 2)
        }
        watchdog.feed()
        if isDue(&looks.sweep, every: .seconds(300)) { try await context.sweep { watchdog.feed() } }
        watchdog.feed()
        try await context.stopLost(context.jobs.all)
        watchdog.feed()
        try await dispatcher.fill(context, &group) { stops > 0 }
        if isDue(&looks.retention, every: .seconds(3600)) {
            beside(\.isRetiring, &group) { await Retention(context: $0).pass() }
        }
        if isDue(&looks.cache, every: .seconds(30)) {
            beside(\.isInvalidating, &group) { await $0.cache.sweep(command: $0.configuration.cacheCommand) }
        } else if isDue(&looks.followUp, every: SiteCache.rest) {
            looks.followsUp = try await context.cache.isToFollowUp
            if looks.followsUp { beside(\.isInvalidating, &group) { await $0.cache.followUp(command: $0.configuration.cacheCommand) } }
        }
        if !context.away.isEmpty, isDue(&looks.away, every: Self.seekingRest) {
            beside(\.isSeeking, &group) { await $0.lookForAway() }
        }
        board.set(away: context.away.all.map { Status.Away($0, storage: context.disk.root) })
        watchdog.feed()
        if isDue(&looks.counts, every: .seconds(1)) { try await count(&looks) }
    }

    /// Logged once each; the status shows them as long as the daemon runs.
    private func tell(_ notices: [String]) {
        for notice in board.set(notices: notices) { context.log.warning("\(notice)") }
    }

    private func isDue(_ last: inout ContinuousClock.Instant?, every interval: Duration) -> Bool {
        if let last, clock.now - last < interval { return false }
        last = clock.now
        return true
    }

    /// Background work, one of each kind at a time.
    private func beside(
        _ flag: any WritableKeyPath<State, Bool> & Sendable, _ group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable (WorkerContext) async -> Void
    ) {
        let begins = state.withLock { state in
            defer { state[keyPath: flag] = true }
            return !state[keyPath: flag]
        }
        guard begins else { return }
        group.addTask { [context, wakeup] in
            await work(context)
            self.state.withLock { $0[keyPath: flag] = false }
            wakeup.signal()
        }
    }

    private func count(_ looks: inout Looks) async throws {
        let context = context
        context.launcher.tend()
        let space = await context.budget.freeSpace()
        let start = clock.now
        // With many drafts, counting the waiting files takes long: then it runs rarely.
        let known = looks.waiting.flatMap { start - $0.at < $0.took * 100 ? $0.count : nil }
        let counts = try await context.site.counts(since: context.configuration.since, waiting: known)
        if known == nil {
            tell(try await context.site.elsewhere(since: context.configuration.since))
            let waited = counts.waiting == 0 ? nil : try await context.site.longestWait(since: context.configuration.since)
            board.set(waitingSince: waited.map { Date(timeIntervalSinceNow: -$0) })
            looks.waiting = (counts.waiting, clock.now, clock.now - start)
        }
        board.set(waiting: counts.waiting, running: counts.running, retrying: counts.retrying)
        let retrying = counts.retrying == 0 ? [] : try await context.site.retrying(limit: 10)
        board.set(retrying: retrying.compactMap(Status.Retry.init))
        board.set(disk: space.map { Status.Disk(free: $0.work, required: context.budget.promised) })
        manager.status(board.status().sentence)
    }

    /// Skipped files: logged when their disk is first seen, and when none are left; the status shows their number.
    private func tell(_ files: [FilesOnForeignDisks]) {
        let waiting = files.filter { $0.waiting > 0 }
        board.set(elsewhere: waiting.compactMap(Status.ForeignDisk.init))
        let told = state.withLock { state in
            defer { state.elsewhere = Set(waiting.map { $0.noun + $0.cause }) }
            return state.elsewhere
        }
        for files in waiting where !told.contains(files.noun + files.cause) {
            context.log.log(level: files.isKnown ? .notice : .warning, "\(files.sentence)")
        }
        if waiting.isEmpty, !told.isEmpty { context.log.notice("No more files are waiting on other disks.") }
    }

    /// Running jobs keep their configuration; new jobs use the new one.
    private func reload(_ reloads: Reloads) {
        guard stops == 0 else { return }
        manager.reloading("Reading the configuration")
        let context = context
        if let new = reloads.configuration(after: context.configuration, log: context.log) {
            state.withLock { $0.context.configuration = new }
            context.budget.set(reserve: new.reserve)
            context.launcher.keep(ready: new.concurrency)
        }
        manager.ready("Watching \(context.site.settings.root)")
        wakeup.signal()
    }

    /// Lets running jobs finish within the grace period, then returns them to the queue.
    private func drain(_ signals: inout AsyncStream<Void>.Iterator) async {
        let context = context
        board.set(state: .draining)
        context.launcher.keep(ready: 0)
        let jobs = running == 1 ? "1 job" : "\(running) jobs"
        manager.stopping("Finishing \(jobs)")
        if running > 0 {
            let grace = Quantity.duration(context.configuration.grace)
            context.log.notice("Stopping: \(jobs) may continue for \(grace). A second signal stops immediately.")
        }
        let deadline = clock.now + context.configuration.grace
        let timer = Task { [wakeup, clock, watchdog] in
            while clock.now < deadline, !Task.isCancelled {
                try? await Task.sleep(for: watchdog.rest(deadline - clock.now), clock: clock)
                wakeup.signal()
            }
        }
        defer { timer.cancel() }
        while running > 0 {
            watchdog.feed()
            if clock.now >= deadline || stops > 1 {
                context.jobs.stop(.drained)
            }
            // If the database cannot be queried, the next write will fail anyway.
            try? await context.stopLost(context.jobs.all)
            board.heartbeat.rest(for: max(.zero, deadline - clock.now))
            guard await signals.next() != nil else { break }
        }
        do {
            try await context.sweep { watchdog.feed() }
            var looks = Looks()
            try await count(&looks)
        } catch {
            context.log.warning("Leftover files will be removed at the next start: \(error)")
        }
    }
}
