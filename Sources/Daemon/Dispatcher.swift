internal import Execution
internal import Jobs
internal import Logging
internal import Objects
internal import Observability
internal import Site
internal import SQL
internal import WorkerConfiguration

/// Assigns waiting files to free workers: chooses the next file, claims it, and starts the job. Used only by the daemon's loop.
struct Dispatcher {
    private let board: StatusBoard
    private let wakeup: WakeupSignal
    private let hints: PendingHints
    private let watchdog: Watchdog
    private var schedule = Schedule()
    private var scanner = QueueScanner()
    /// Why files wait although workers are free.
    private(set) var shortage: DiskBudget.InsufficientSpace?

    /// Of the newest and of the oldest, of each kind.
    private static let looked = 100

    init(_ board: StatusBoard, wakeup: WakeupSignal, hints: PendingHints, watchdog: Watchdog) {
        self.board = board
        self.wakeup = wakeup
        self.hints = hints
        self.watchdog = watchdog
    }

    /// Claims as many files as there are free workers and disk space for.
    mutating func fill(
        _ context: WorkerContext, _ group: inout DiscardingTaskGroup, unless isStopping: () -> Bool
    ) async throws {
        var isToLook = true
        /// Requested once, and not again now.
        var lost: Set<Int64> = []
        while isToLook, context.jobs.count < context.workers, !isStopping() {
            isToLook = false
            scanner.expect(hints.take())
            var waiting = try await scanner.waiting(
                on: context.site, limit: Self.looked, since: context.configuration.since)
            waiting.removeAll { context.jobs.has($0.file.id) || lost.contains($0.file.id) }
            let space = await context.budget.freeSpace()
            while !isStopping(), let next = choose(among: &waiting, context, space) {
                Failpoint.found.hit()
                let claim = try await claim(next.file, context)
                watchdog.feed()
                isToLook = true
                guard let claim else {
                    // Other workers go down the same list: further down, they are not in the way.
                    lost.insert(next.file.id)
                    waiting.removeAll { _ in Bool.random() }
                    continue
                }
                Failpoint.claimed.hit()
                start(next.file, claim, context, beside: waiting, &group)
            }
        }
    }

    /// Recovers a claim whose reply was lost: nobody else would while this process lives.
    private func claim(_ file: MediaFile, _ context: WorkerContext) async throws -> Claim? {
        do {
            return try await context.site.claim(file.id, path: file.path, owner: context.owner, lease: context.configuration.lease)
        } catch let error as SQLError where error.code == .unknownOutcome {
            return try await persist {
                watchdog.feed()
                return try await context.site.claim(of: file, by: context.owner)
            }
        } catch let error as UnreadableValue {
            // Logged and skipped: the other files continue.
            context.site.note(error)
            return nil
        }
    }

    /// Removes the next file from the list; nil if none may start.
    private mutating func choose(
        among waiting: inout [QueuedFile], _ context: WorkerContext, _ space: FreeSpace?
    ) -> QueuedFile? {
        guard context.jobs.count < context.workers else { return nil }
        let shortages = waiting.map { context.budget.shortage(of: $0.file, scrubs: context.scrubs, in: space) }
        tell(shortages.compactMap(\.self), context.log)
        let candidates = zip(waiting, shortages).filter { $1 == nil }.map { CostEstimate.candidate($0.0) }
        let next = schedule.next(
            among: candidates, running: context.jobs.all.map(\.work), concurrency: context.workers,
            priority: context.configuration.priority)
        guard let next, let index = waiting.firstIndex(where: { $0.file.id == next.fileID }) else { return nil }
        return waiting.remove(at: index)
    }

    private func start(
        _ file: MediaFile, _ claim: Claim, _ context: WorkerContext, beside waiting: [QueuedFile],
        _ group: inout DiscardingTaskGroup
    ) {
        let work = CostEstimate.seconds(file)
        let jobs = Schedule.company(
            of: Candidate(fileID: file.id, work: work, waited: 0), among: waiting.map(CostEstimate.candidate),
            running: context.jobs.all.map(\.work), concurrency: context.workers)
        board.claim()
        let job = context.begin(file, claim, work: work)
        let threads = context.threads(jobs: jobs, attempt: claim.attempt)
        context.log.info("\(file.label) started, attempt \(claim.attempt), threads \(threads)", metadata: LogFields.job(file, claim))
        // With the current configuration: a reload only affects new jobs.
        let runner = context.runner(board: board)
        group.addTask { [wakeup] in
            _ = await runner.run(file, job, threads: threads)
            wakeup.signal()
        }
    }

    /// Logs once when files begin to wait for disk space, and once when they no longer do.
    private mutating func tell(_ shortages: [DiskBudget.InsufficientSpace], _ log: Logger) {
        let least = shortages.min { $0.need < $1.need }
        let sentence = least.map { least in
            let files = shortages.count == 1 ? "A file waits" : "\(shortages.count) files wait"
            return "\(files) for disk space: \(least.why)."
        }
        board.set(waitingFor: sentence)
        if let sentence, shortage == nil { log.warning("\(sentence)") }
        if sentence == nil, shortage != nil { log.notice("No more files are waiting for disk space.") }
        shortage = least
    }
}
