internal import Execution
internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaProcess
internal import Objects
internal import Observability
internal import Platform
internal import ServiceLifecycle
internal import Site
internal import Synchronization
internal import Verdicts
internal import WorkerConfiguration

/// The daemon's loop: finds waiting files, claims them, and runs several jobs at a time. As a service it is the last to start and the first
/// to be told to stop: all others last until its jobs have ended.
final class Daemon: ServiceLifecycle.Service {
    let board: StatusBoard
    let manager: ServiceManager
    let watchdog: Watchdog
    /// There may be work.
    let wakeup = WakeupSignal()
    /// Signs of activity, for a database that is polled.
    let notified = WakeupSignal()
    let clock = ContinuousClock()
    private let hints = PendingHints()
    private let backgroundTasks = BackgroundTasks()
    private let untilIdle: Bool
    private let state: Mutex<State>

    private struct State {
        /// Replaced by a reload.
        var context: WorkerContext
        var isStopping = false
        var isHurried = false
    }

    /// The interval between checks for missing folders.
    private static let seekingRest = Duration.seconds(5)
    /// The shortest interval between counts of the queue.
    private static let countingRest = Duration.seconds(1)

    /// - Parameter untilIdle: it ends when the queue is empty.
    init(_ context: WorkerContext, board: StatusBoard, manager: ServiceManager, untilIdle: Bool) {
        state = Mutex(State(context: context))
        self.board = board
        self.manager = manager
        self.untilIdle = untilIdle
        watchdog = Watchdog(manager, board.heartbeat)
    }

    /// Works until it is told to stop, or, with `untilIdle`, until the queue is empty. Running jobs continue for the grace period.
    ///
    /// - Throws: only with `untilIdle`, if the database stays unreachable, and a `Verdict` if all waiting files wait for
    /// disk space.
    func run() async throws {
        board.set(state: .running)
        manager.ready("Watching \(context.site.settings.root)")
        let failure = await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                wakeup.signal()
                var loop = LoopState(
                    dispatcher: Dispatcher(board, wakeup: wakeup, hints: hints, watchdog: watchdog), report: QueueReport(board),
                    signals: wakeup.signals.makeAsyncIterator())
                let failure = await self.work(&loop, &group)
                self.stop()
                await self.drain(&loop)
                group.cancelAll()
                return failure
            }
        } onGracefulShutdown: {
            self.stop()
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

    private func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// Running jobs return to the queue now, whatever is left of the grace period.
    func hurry() {
        state.withLock { $0.isHurried = true }
        wakeup.signal()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }
    var isHurried: Bool { state.withLock { $0.isHurried } }
    /// With the current configuration.
    var context: WorkerContext { state.withLock { $0.context } }
    private var isIdle: Bool { context.jobs.count == 0 && !backgroundTasks.isRunning }

    private func work(_ loop: inout LoopState, _ group: inout DiscardingTaskGroup) async -> (any Error)? {
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        while await loop.signals.next() != nil, !isStopping {
            timer?.cancel()
            watchdog.feed()
            var wait = watchdog.rest(context.configuration.poll)
            do {
                try await look(&loop, &group)
                if untilIdle, isIdle {
                    let unfinished = try await context.site.unfinished(since: context.configuration.since)
                    if unfinished == 0 { return nil }
                    if let absence = try await context.lastingAbsence(unfinished: unfinished) { return absence }
                }
                if let retry = try await context.site.nextRetry() {
                    wait = min(wait, .seconds(max(0.01, retry.timeIntervalSinceNow)))
                } else if untilIdle, isIdle, let shortage = loop.dispatcher.shortage {
                    return shortage.verdict
                }
                if !context.away.isEmpty { wait = min(wait, Self.seekingRest) }
                if loop.isToCount { wait = min(wait, Self.countingRest) }
                if loop.checkTimes.followsUp { wait = min(wait, SiteCache.rest) }
                board.set(databaseReachable: true)
                loop.report.tell(context.site.notices, context.log)
                loop.checkTimes.failures = 0
            } catch {
                board.set(databaseReachable: false)
                loop.checkTimes.failures += 1
                // Log once, not at every pass: an outage lasts for a while.
                if loop.checkTimes.failures == 1 { context.log.error("The site's database cannot be queried: \(error)") }
                manager.status("The site's database cannot be queried; retrying")
                if untilIdle, context.jobs.count == 0, loop.checkTimes.failures >= 5 { return error }
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

    private func look(_ loop: inout LoopState, _ group: inout DiscardingTaskGroup) async throws {
        let context = context
        func beside(_ kind: BackgroundTasks.Kind, _ work: @escaping @Sendable (WorkerContext) async -> Void) {
            backgroundTasks.begin(kind, context, &group, wakeup: wakeup, work)
        }
        if CheckTimes.isDue(&loop.checkTimes.reclaim, every: min(context.configuration.lease / 4, .seconds(5))) {
            context.site.set(language: context.configuration.language)
            context.site.set(longestWait: context.configuration.retry.cap * (1 + context.configuration.retry.jitter))
            // Running jobs renew their claims within a quarter of the lease.
            try await context.reclaim(watchTime: context.configuration.lease / 2)
        }
        watchdog.feed()
        if CheckTimes.isDue(&loop.checkTimes.sweep, every: .seconds(300)) { try await context.sweep { watchdog.feed() } }
        watchdog.feed()
        try await context.stopLost(context.jobs.all)
        watchdog.feed()
        try await loop.dispatcher.fill(context, &group) { isStopping }
        if CheckTimes.isDue(&loop.checkTimes.retention, every: .seconds(3600)) { beside(.retention) { await Retention(context: $0).pass() } }
        if CheckTimes.isDue(&loop.checkTimes.cache, every: .seconds(30)) {
            beside(.cache) { await $0.cache.sweep(command: $0.configuration.cacheCommand) }
        } else if CheckTimes.isDue(&loop.checkTimes.followUp, every: SiteCache.rest) {
            loop.checkTimes.followsUp = try await context.cache.isToFollowUp
            if loop.checkTimes.followsUp { beside(.cache) { await $0.cache.followUp(command: $0.configuration.cacheCommand) } }
        }
        if !context.away.isEmpty, CheckTimes.isDue(&loop.checkTimes.away, every: Self.seekingRest) {
            beside(.missingFolders) { await $0.lookForAway() }
        }
        board.set(away: context.away.all.map { Status.Away($0, storage: context.disk.root) })
        watchdog.feed()
        loop.isToCount = !CheckTimes.isDue(&loop.checkTimes.counts, every: Self.countingRest)
        if !loop.isToCount {
            context.launcher.tend()
            try await loop.report.count(context)
            manager.status(board.status().sentence)
        }
    }

    /// Running jobs keep their configuration; new jobs use the new one.
    func reload(_ reloads: Reloads) {
        guard !isStopping else { return }
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
}
