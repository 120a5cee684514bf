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

/// The service: finds waiting files, claims them, and works on some at a time, until it is told to stop.
public final class Daemon: Sendable {
    private let board: StatusBoard
    private let manager: ServiceManager
    private let watchdog: Watchdog
    private let hands = Hands()
    private let bell = Bell()
    private let tips = Tips()
    private let hints = Bell()
    private let state: Mutex<State>
    private let clock = ContinuousClock()

    private struct State {
        /// Another one after a reload.
        var shop: Workshop
        var stops = 0
        var isRetiring = false
        var isFreshening = false
        var isSeeking = false
        /// Disks that are not this host's, as the log was told of them.
        var elsewhere: Set<String> = []

        var isBusyBeside: Bool { isRetiring || isFreshening || isSeeking }
    }

    /// When a look was last taken at what is not looked at every time.
    private struct Looks {
        var reclaim: ContinuousClock.Instant?
        var sweep: ContinuousClock.Instant?
        var retention: ContinuousClock.Instant?
        var cache: ContinuousClock.Instant?
        var away: ContinuousClock.Instant?
        var followUp: ContinuousClock.Instant?
        /// Readers may put old details back: they are looked at again soon.
        var followsUp = false
        var counts: ContinuousClock.Instant?
        /// How many waited when they were last counted, and how long that took.
        var waiting: (count: Int, at: ContinuousClock.Instant, took: Duration)?
        var failures = 0
    }

    /// Between two looks for folders that are away.
    private static let seekingRest = Duration.seconds(5)

    public init(_ shop: Workshop, board: StatusBoard, manager: ServiceManager) {
        state = Mutex(State(shop: shop))
        self.board = board
        self.manager = manager
        watchdog = Watchdog(manager, board.heartbeat)
    }

    /// Works until `stops` has told it to end, or, with `untilIdle`, until nothing of ours is left to do.
    ///
    /// - Parameter stops: the first one lets running jobs go on for the grace time, the second one ends it.
    /// - Throws: only with `untilIdle`, where the database stays out of reach, and a `Verdict` where all that waits waits for
    ///   room.
    public func run(untilIdle: Bool, stops: AsyncStream<Void>, reloads: Reloads = .none) async throws {
        board.set(state: .running)
        manager.ready("Watching \(shop.site.settings.root)")
        let failure = await withDiscardingTaskGroup { group in
            group.addTask { [bell] in
                for await _ in stops {
                    self.state.withLock { $0.stops += 1 }
                    bell.ring()
                }
            }
            group.addTask { [bell, site = shop.site] in
                let wakeups = await site.wakeups(poll: { self.shop.configuration.poll }, hints: self.hints.rings)
                for await _ in wakeups { bell.ring() }
            }
            group.addTask {
                for await _ in reloads.requests { self.reload(reloads) }
            }
            bell.ring()
            var rings = bell.rings.makeAsyncIterator()
            let failure = await self.work(untilIdle: untilIdle, &rings, &group)
            await self.drain(&rings)
            group.cancelAll()
            return failure
        }
        if let failure { throw failure }
    }

    /// Files that somebody has told us of: the next look takes them up.
    func expect(_ files: Set<Int64>) {
        tips.add(files)
        bell.ring()
    }

    /// There may be work.
    func wake() {
        bell.ring()
        hints.ring()
    }

    private var stops: Int { state.withLock { $0.stops } }
    /// As the configuration has it now.
    var shop: Workshop { state.withLock { $0.shop } }
    private var running: Int { hands.count }
    private var isBusyBeside: Bool { state.withLock { $0.isBusyBeside } }

    private func work(
        untilIdle: Bool, _ rings: inout AsyncStream<Void>.Iterator, _ group: inout DiscardingTaskGroup
    ) async -> (any Error)? {
        var looks = Looks()
        var dispatcher = Dispatcher(hands: hands, board: board, bell: bell, tips: tips, watchdog: watchdog)
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        while await rings.next() != nil, stops == 0 {
            timer?.cancel()
            watchdog.feed()
            var wait = watchdog.rest(shop.configuration.poll)
            do {
                try await look(&looks, &dispatcher, &group)
                if untilIdle, running == 0, !isBusyBeside {
                    let unfinished = try await shop.site.unfinished(since: shop.configuration.since)
                    if unfinished == 0 { return nil }
                    if let absence = try await shop.lastingAbsence(unfinished: unfinished) { return absence }
                }
                if let retry = try await shop.site.nextRetry() {
                    wait = min(wait, .seconds(max(0.01, retry.timeIntervalSinceNow)))
                } else if untilIdle, running == 0, !isBusyBeside, let shortage = dispatcher.shortage {
                    return shortage.verdict
                }
                if !shop.away.isEmpty { wait = min(wait, Self.seekingRest) }
                if looks.followsUp { wait = min(wait, SiteCache.rest) }
                board.set(databaseReachable: true)
                tell(shop.site.notices)
                looks.failures = 0
            } catch {
                board.set(databaseReachable: false)
                looks.failures += 1
                // Once, and not at every look: what is out of reach stays out of reach for a while.
                if looks.failures == 1 { shop.log.error("The site cannot be looked at: \(error)") }
                manager.status("The site cannot be looked at; it is tried again")
                if untilIdle, running == 0, looks.failures >= 5 { return error }
            }
            let pause = wait
            board.heartbeat.rest(for: pause)
            timer = Task { [bell] in
                // Silent where it is cancelled: a ring for each cancelled timer would never let us rest.
                do { try await Task.sleep(for: pause) } catch { return }
                bell.ring()
            }
        }
        return nil
    }

    private func look(
        _ looks: inout Looks, _ dispatcher: inout Dispatcher, _ group: inout DiscardingTaskGroup
    ) async throws {
        let shop = shop
        if isDue(&looks.reclaim, every: min(shop.configuration.lease / 4, .seconds(5))) {
            shop.site.set(longestWait: shop.configuration.retry.cap * (1 + shop.configuration.retry.jitter))
            // Whoever works renews within a quarter of its lease.
            try await shop.reclaim(patience: shop.configuration.lease / 2)
        }
        watchdog.feed()
        if isDue(&looks.sweep, every: .seconds(300)) { try await shop.sweep { watchdog.feed() } }
        watchdog.feed()
        try await shop.stopLost(hands.held)
        watchdog.feed()
        try await dispatcher.fill(shop, &group) { stops > 0 }
        if isDue(&looks.retention, every: .seconds(3600)) {
            beside(\.isRetiring, &group) { await Retention(shop: $0).pass() }
        }
        if isDue(&looks.cache, every: .seconds(30)) {
            beside(\.isFreshening, &group) { await $0.cache.sweep(command: $0.configuration.cacheCommand) }
        } else if isDue(&looks.followUp, every: SiteCache.rest) {
            looks.followsUp = try await shop.cache.isToFollowUp
            if looks.followsUp { beside(\.isFreshening, &group) { await $0.cache.followUp(command: $0.configuration.cacheCommand) } }
        }
        if !shop.away.isEmpty, isDue(&looks.away, every: Self.seekingRest) {
            beside(\.isSeeking, &group) { await $0.lookForAway() }
        }
        board.set(away: shop.away.all.map { Status.Away($0, storage: shop.disk.root) })
        watchdog.feed()
        if isDue(&looks.counts, every: .seconds(1)) { try await count(&looks) }
    }

    /// Once each, in the log; and in the status for as long as we run.
    private func tell(_ notices: [String]) {
        for notice in board.set(notices: notices) { shop.log.warning("\(notice)") }
    }

    private func isDue(_ last: inout ContinuousClock.Instant?, every interval: Duration) -> Bool {
        if let last, clock.now - last < interval { return false }
        last = clock.now
        return true
    }

    /// Work beside everything else, one of its kind at a time: it may take its time.
    private func beside(
        _ flag: any WritableKeyPath<State, Bool> & Sendable, _ group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable (Workshop) async -> Void
    ) {
        let begins = state.withLock { state in
            defer { state[keyPath: flag] = true }
            return !state[keyPath: flag]
        }
        guard begins else { return }
        group.addTask { [shop, bell] in
            await work(shop)
            self.state.withLock { $0[keyPath: flag] = false }
            bell.ring()
        }
    }

    private func count(_ looks: inout Looks) async throws {
        let shop = shop
        shop.launcher.tend()
        let space = await shop.room.freeSpace()
        let start = clock.now
        // Where many drafts lie about it takes long to count what waits: then it is done seldom.
        let known = looks.waiting.flatMap { start - $0.at < $0.took * 100 ? $0.count : nil }
        let counts = try await shop.site.counts(since: shop.configuration.since, waiting: known)
        if known == nil {
            tell(try await shop.site.elsewhere(since: shop.configuration.since))
            let waited = counts.waiting == 0 ? nil : try await shop.site.longestWait(since: shop.configuration.since)
            board.set(waitingSince: waited.map { Date(timeIntervalSinceNow: -$0) })
            looks.waiting = (counts.waiting, clock.now, clock.now - start)
        }
        board.set(waiting: counts.waiting, running: counts.running, retrying: counts.retrying)
        let retrying = counts.retrying == 0 ? [] : try await shop.site.retrying(limit: 10)
        board.set(retrying: retrying.compactMap(Status.Retry.init))
        board.set(disk: space.map { Status.Disk(free: $0.work, required: shop.room.promised) })
        manager.status(board.status().sentence)
    }

    /// Files that are left alone: told when their disk is first seen, and when there are none any more; the status has their number.
    private func tell(_ files: [FilesElsewhere]) {
        let waiting = files.filter { $0.waiting > 0 }
        board.set(elsewhere: waiting.compactMap(Status.Elsewhere.init))
        let told = state.withLock { state in
            defer { state.elsewhere = Set(waiting.map { $0.noun + $0.cause }) }
            return state.elsewhere
        }
        for files in waiting where !told.contains(files.noun + files.cause) {
            shop.log.log(level: files.isKnown ? .notice : .warning, "\(files.sentence)")
        }
        if waiting.isEmpty, !told.isEmpty { shop.log.notice("No files wait on another disk any more.") }
    }

    /// What runs goes on as it began; what begins from now on goes by what was read.
    private func reload(_ reloads: Reloads) {
        guard stops == 0 else { return }
        manager.reloading("Reading the configuration")
        let shop = shop
        if let new = reloads.configuration(after: shop.configuration, log: shop.log) {
            state.withLock { $0.shop.configuration = new }
            shop.room.set(reserve: new.reserve)
            shop.launcher.keep(ready: new.handsAtWork)
        }
        manager.ready("Watching \(shop.site.settings.root)")
        bell.ring()
    }

    /// Lets running jobs end by themselves for the grace time, then hands them back.
    private func drain(_ rings: inout AsyncStream<Void>.Iterator) async {
        let shop = shop
        board.set(state: .draining)
        shop.launcher.keep(ready: 0)
        let jobs = running == 1 ? "1 job" : "\(running) jobs"
        manager.stopping("Finishing \(jobs)")
        if running > 0 {
            let grace = Quantity.duration(shop.configuration.grace)
            shop.log.notice("Stopping: \(jobs) may go on for \(grace). A second signal ends the wait.")
        }
        let deadline = clock.now + shop.configuration.grace
        let timer = Task { [bell, clock, watchdog] in
            while clock.now < deadline, !Task.isCancelled {
                try? await Task.sleep(for: watchdog.rest(deadline - clock.now), clock: clock)
                bell.ring()
            }
        }
        defer { timer.cancel() }
        while running > 0 {
            watchdog.feed()
            if clock.now >= deadline || stops > 1 {
                hands.stop(.drained)
            }
            // Where the database cannot be asked, the next write will be refused all the same.
            try? await shop.stopLost(hands.held)
            board.heartbeat.rest(for: max(.zero, deadline - clock.now))
            guard await rings.next() != nil else { break }
        }
        do {
            try await shop.sweep { watchdog.feed() }
            var looks = Looks()
            try await count(&looks)
        } catch {
            shop.log.warning("What may be left over is swept at the next start: \(error)")
        }
    }
}
