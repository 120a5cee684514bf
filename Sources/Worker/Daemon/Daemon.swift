internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import Objects
internal import Site
internal import Synchronization

/// The service: finds waiting files, claims them, and works on some at a time, until it is told to stop.
public final class Daemon: Sendable {
    private let shop: Workshop
    private let board: StatusBoard
    private let runner: JobRunner
    private let manager: ServiceManager
    private let bell = Bell()
    private let state = Mutex(State())
    private let clock = ContinuousClock()

    private struct State {
        var running: [Int64: HeldJob] = [:]
        var stops = 0
        var isRetiring = false
    }

    /// When a look was last taken at what is not looked at every time.
    private struct Looks {
        var reclaim: ContinuousClock.Instant?
        var sweep: ContinuousClock.Instant?
        var retention: ContinuousClock.Instant?
        var counts: ContinuousClock.Instant?
        var failures = 0
    }

    public init(_ shop: Workshop, board: StatusBoard, manager: ServiceManager) {
        self.shop = shop
        self.board = board
        self.manager = manager
        runner = shop.runner(board: board)
    }

    /// Works until `stops` has told it to end, or, with `untilIdle`, until nothing of ours is left to do.
    ///
    /// - Parameter stops: the first one lets running jobs go on for the grace time, the second one ends it.
    /// - Throws: only with `untilIdle`, where the database stays out of reach.
    public func run(untilIdle: Bool, stops: AsyncStream<Void>) async throws {
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
                for await _ in site.wakeups() { bell.ring() }
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

    private var stops: Int { state.withLock { $0.stops } }
    private var running: Int { state.withLock { $0.running.count } }
    private var held: [HeldJob] { state.withLock { Array($0.running.values) } }
    private var isRetiring: Bool { state.withLock { $0.isRetiring } }

    private func work(
        untilIdle: Bool, _ rings: inout AsyncStream<Void>.Iterator, _ group: inout DiscardingTaskGroup
    ) async -> (any Error)? {
        var looks = Looks()
        var timer: Task<Void, Never>?
        defer { timer?.cancel() }
        while await rings.next() != nil, stops == 0 {
            timer?.cancel()
            var wait = shop.configuration.poll
            do {
                try await look(&looks, &group)
                if untilIdle, running == 0, !isRetiring, try await shop.site.unfinished(since: shop.configuration.since) == 0 {
                    return nil
                }
                if let retry = try await shop.site.nextRetry() {
                    wait = min(wait, .seconds(max(0.01, retry.timeIntervalSinceNow)))
                }
                board.set(databaseReachable: true)
                looks.failures = 0
            } catch {
                board.set(databaseReachable: false)
                looks.failures += 1
                // Once, and not at every look: what is out of reach stays out of reach for a while.
                if looks.failures == 1 { shop.log.error("The site cannot be looked at: \(error)") }
                if untilIdle, running == 0, looks.failures >= 5 { return error }
            }
            let pause = wait
            timer = Task { [bell] in
                // Silent where it is cancelled: a ring for each cancelled timer would never let us rest.
                do { try await Task.sleep(for: pause) } catch { return }
                bell.ring()
            }
        }
        return nil
    }

    private func look(_ looks: inout Looks, _ group: inout DiscardingTaskGroup) async throws {
        if isDue(&looks.reclaim, every: min(shop.configuration.lease / 4, .seconds(5))) { try await shop.reclaim() }
        if isDue(&looks.sweep, every: .seconds(300)) { try await shop.sweep() }
        try await shop.stopLost(held)
        try await fill(&group)
        if isDue(&looks.retention, every: .seconds(3600)) { retire(&group) }
        if isDue(&looks.counts, every: .seconds(1)) { try await count() }
    }

    private func isDue(_ last: inout ContinuousClock.Instant?, every interval: Duration) -> Bool {
        if let last, clock.now - last < interval { return false }
        last = clock.now
        return true
    }

    /// Claims as many files as there are hands free.
    private func fill(_ group: inout DiscardingTaskGroup) async throws {
        let configuration = shop.configuration
        var hasClaimed = true
        while hasClaimed, running < shop.workers, stops == 0 {
            hasClaimed = false
            // More than there are hands: another daemon looks at the same list.
            let files = try await shop.site.waiting(limit: shop.workers + 16, since: configuration.since)
            for (index, file) in files.enumerated() where running < shop.workers && stops == 0 {
                // It was taken from us, and what was begun of it has not ended yet: its end rings.
                if state.withLock({ $0.running[file.id] != nil }) { continue }
                JobStep.found.pass()
                let claim = try await shop.site.claim(
                    file.id, path: file.path, owner: shop.owner, lease: configuration.lease)
                guard let claim else { continue }
                hasClaimed = true
                JobStep.claimed.pass()
                start(file, claim, jobs: running + files.count - index, &group)
            }
        }
    }

    private func start(_ file: MediaFile, _ claim: Claim, jobs: Int, _ group: inout DiscardingTaskGroup) {
        let control = JobControl()
        let threads = shop.threads(jobs: jobs, attempt: claim.attempt)
        state.withLock { $0.running[file.id] = HeldJob(claim: claim, control: control) }
        shop.log.info("file \(file.id) (\(file.fid)) is begun, try \(claim.attempt), threads \(threads)")
        group.addTask { [runner, bell] in
            _ = await runner.run(file, claim, threads: threads, control: control)
            self.state.withLock { _ = $0.running.removeValue(forKey: file.id) }
            bell.ring()
        }
    }

    /// Beside everything else: on a large site it takes its time.
    private func retire(_ group: inout DiscardingTaskGroup) {
        let begins = state.withLock { state in
            defer { state.isRetiring = true }
            return !state.isRetiring
        }
        guard begins else { return }
        group.addTask { [shop, bell] in
            await Retention(shop: shop).pass()
            self.state.withLock { $0.isRetiring = false }
            bell.ring()
        }
    }

    private func count() async throws {
        shop.launcher.tend()
        let counts = try await shop.site.counts(since: shop.configuration.since)
        board.set(waiting: counts.waiting, running: counts.running, retrying: counts.retrying)
        let retrying = counts.retrying == 0 ? [] : try await shop.site.retrying(limit: 10)
        board.set(retrying: retrying.compactMap(Status.Retry.init))
        // A disk that cannot be asked is told of by the jobs that need it.
        board.set(freeBytes: try? shop.disk.freeBytes())
        manager.status("\(counts.waiting) waiting, \(running) running here")
    }

    /// Lets running jobs end by themselves for the grace time, then hands them back.
    private func drain(_ rings: inout AsyncStream<Void>.Iterator) async {
        board.set(state: .draining)
        shop.launcher.rest()
        let jobs = running == 1 ? "1 job" : "\(running) jobs"
        manager.stopping("Finishing \(jobs)")
        if running > 0 {
            let grace = Quantity.duration(shop.configuration.grace)
            shop.log.notice("Stopping: \(jobs) may go on for \(grace). A second signal ends the wait.")
        }
        let deadline = clock.now + shop.configuration.grace
        let timer = Task { [bell, clock] in
            try? await Task.sleep(until: deadline, clock: clock)
            bell.ring()
        }
        defer { timer.cancel() }
        while running > 0 {
            if clock.now >= deadline || stops > 1 {
                for job in held { job.control.stop(.drained) }
            }
            // Where the database cannot be asked, the next write will be refused all the same.
            try? await shop.stopLost(held)
            guard await rings.next() != nil else { break }
        }
        do {
            try await shop.sweep()
            try await count()
        } catch {
            shop.log.warning("What may be left over is swept at the next start: \(error)")
        }
    }
}
