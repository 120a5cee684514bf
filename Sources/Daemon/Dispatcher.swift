internal import Execution
internal import Jobs
internal import Logging
internal import Objects
internal import Observability
internal import Site
internal import SQL
internal import WorkerConfiguration

/// Gives free hands work: chooses what is next, claims it, and begins it. Used by the daemon's loop alone.
struct Dispatcher {
    private let hands: Hands
    private let board: StatusBoard
    private let bell: Bell
    private let tips: Tips
    private let watchdog: Watchdog
    private var schedule = Schedule()
    private var lookout = Lookout()
    /// Why files wait though hands are free.
    private(set) var shortage: Room.Shortage?

    /// Of the newest and of the oldest, of each kind.
    private static let looked = 100

    init(hands: Hands, board: StatusBoard, bell: Bell, tips: Tips, watchdog: Watchdog) {
        self.hands = hands
        self.board = board
        self.bell = bell
        self.tips = tips
        self.watchdog = watchdog
    }

    /// Claims as many files as there are hands free, and as the disk has room for.
    mutating func fill(
        _ shop: Workshop, _ group: inout DiscardingTaskGroup, unless isStopping: () -> Bool
    ) async throws {
        var isToLook = true
        /// Asked for once, and not again now.
        var lost: Set<Int64> = []
        while isToLook, hands.count < shop.workers, !isStopping() {
            isToLook = false
            lookout.expect(tips.take())
            var waiting = try await lookout.waiting(
                on: shop.site, limit: Self.looked, since: shop.configuration.since)
            waiting.removeAll { hands.has($0.file.id) || lost.contains($0.file.id) }
            let space = await shop.room.freeSpace()
            while !isStopping(), let next = choose(among: &waiting, shop, space) {
                JobStep.found.pass()
                let claim = try await claim(next.file, shop)
                watchdog.feed()
                isToLook = true
                guard let claim else {
                    // Others go down the same list: elsewhere in it they are not in the way.
                    lost.insert(next.file.id)
                    waiting.removeAll { _ in Bool.random() }
                    continue
                }
                JobStep.claimed.pass()
                start(next.file, claim, shop, beside: waiting, &group)
            }
        }
    }

    /// A claim whose answer was lost is looked for: nobody else would, while this process lives.
    private func claim(_ file: MediaFile, _ shop: Workshop) async throws -> Claim? {
        do {
            return try await shop.site.claim(file.id, path: file.path, owner: shop.owner, lease: shop.configuration.lease)
        } catch let error as SQLError where error.code == .unknownOutcome {
            return try await persist {
                watchdog.feed()
                return try await shop.site.claim(of: file, by: shop.owner)
            }
        } catch let error as UnreadableValue {
            // Named, and passed over: others go on.
            shop.site.note(error)
            return nil
        }
    }

    /// Takes what is next out of the list; nil where nothing may begin.
    private mutating func choose(
        among waiting: inout [WaitingFile], _ shop: Workshop, _ space: FreeSpace?
    ) -> WaitingFile? {
        guard hands.count < shop.workers else { return nil }
        let shortages = waiting.map { shop.room.shortage(of: $0.file, scrubs: shop.scrubs, in: space) }
        tell(shortages.compactMap(\.self), shop.log)
        let candidates = zip(waiting, shortages).filter { $1 == nil }.map { Forecast.candidate($0.0) }
        let next = schedule.next(
            among: candidates, running: hands.works, hands: shop.workers, priority: shop.configuration.priority)
        guard let next, let index = waiting.firstIndex(where: { $0.file.id == next.fileID }) else { return nil }
        return waiting.remove(at: index)
    }

    private func start(
        _ file: MediaFile, _ claim: Claim, _ shop: Workshop, beside waiting: [WaitingFile],
        _ group: inout DiscardingTaskGroup
    ) {
        let work = Forecast.seconds(file)
        let jobs = Schedule.company(
            of: Candidate(fileID: file.id, work: work, waited: 0), among: waiting.map(Forecast.candidate),
            running: hands.works, hands: shop.workers)
        let control = hands.take(claim, work: work)
        shop.room.begin(file, scrubs: shop.scrubs)
        let threads = shop.threads(jobs: jobs, attempt: claim.attempt)
        shop.log.info("\(file.label) is begun, try \(claim.attempt), threads \(threads)", metadata: LogFields.job(file, claim))
        // As the shop is now: a configuration that is read meanwhile is for the jobs to come.
        let runner = shop.runner(board: board)
        group.addTask { [hands, bell] in
            _ = await runner.run(file, claim, threads: threads, control: control)
            shop.room.end(file.id)
            hands.leave(file.id)
            bell.ring()
        }
    }

    /// Once when files begin to wait for room, and once when it is over.
    private mutating func tell(_ shortages: [Room.Shortage], _ log: Logger) {
        let least = shortages.min { $0.need < $1.need }
        let sentence = least.map { least in
            let files = shortages.count == 1 ? "A file waits" : "\(shortages.count) files wait"
            return "\(files) for room on the disk: \(least.why)."
        }
        board.set(waitingFor: sentence)
        if let sentence, shortage == nil { log.warning("\(sentence)") }
        if sentence == nil, shortage != nil { log.notice("No file waits for room on the disk any more.") }
        shortage = least
    }
}
