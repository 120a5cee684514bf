internal import FoundationEssentials
internal import Observability
internal import Platform
internal import Site

/// Whether the daemon is alive, and whether it can start jobs. May be called from any task.
struct Health: Sendable {
    let site: Site
    let board: StatusBoard
    private let question = ClaimQuestion()

    init(site: Site, board: StatusBoard) {
        self.site = site
        self.board = board
    }

    /// The reason if it is not alive: a sentence; nil: its loop is running.
    func standstill(at now: ContinuousClock.Instant = .now) -> String? {
        let seconds = Int(-board.heartbeat.lastTurn.timeIntervalSinceNow)
        return board.heartbeat.isBeating(at: now) ? nil : "The daemon's main loop has stalled for \(seconds) seconds."
    }

    /// The reason if it is not ready: a sentence; nil: it runs, and a new file can be claimed.
    func hindrance() async -> String? {
        if let standstill = standstill() { return standstill }
        let status = board.status()
        guard status.state == .running else { return "The daemon is \(status.state.rawValue)." }
        if let refusal = await question.ask(site) { return refusal }
        return status.database.reachable ? nil : "The last query of the site's database failed."
    }
}

/// Asks the database whether files can be claimed. Concurrent callers share one query.
private actor ClaimQuestion {
    private var asking: Task<String?, Never>?

    /// nil: yes.
    func ask(_ site: Site, timeout: Duration = .seconds(3)) async -> String? {
        let asking = asking ?? Task {
            do {
                try await site.checkClaimable()
                return nil
            } catch {
                return "No file can be claimed: \(error)"
            }
        }
        self.asking = asking
        let refusal = await Deadline.within(timeout) { await asking.value }
        guard let refusal else { return "The site's database does not answer." }
        // It has finished: later callers start a new query.
        if self.asking == asking { self.asking = nil }
        return refusal
    }
}
