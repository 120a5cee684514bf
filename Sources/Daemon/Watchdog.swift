internal import Observability
internal import Platform
internal import Synchronization

/// The service manager's watchdog, which ends a daemon that does not get on. Fed by the daemon's loop as it gets on, and
/// by no clock: a loop that hangs is to be found out, whatever else still runs. May be used from any task.
final class Watchdog: Sendable {
    private let manager: ServiceManager
    private let heartbeat: Heartbeat
    private let clock = ContinuousClock()
    private let lastFed: Mutex<ContinuousClock.Instant?> = Mutex(nil)

    /// - Parameter heartbeat: what else wants to know that the loop gets on.
    init(_ manager: ServiceManager, _ heartbeat: Heartbeat) {
        self.manager = manager
        self.heartbeat = heartbeat
    }

    /// Four turns, at least, in the time that the manager waits.
    private var longestRest: Duration? { manager.watchdog.map { $0 / 4 } }

    /// How long the loop may rest that has nothing to do for `wait`: a wait that is meant to be is no reason to be ended.
    func rest(_ wait: Duration) -> Duration { longestRest.map { min($0, wait) } ?? wait }

    /// To be called wherever the loop has got on: it is told often, and passes on no more than is needed.
    func feed() {
        heartbeat.turn()
        guard let longestRest else { return }
        let isDue = lastFed.withLock { last in
            if let last, clock.now - last < longestRest / 4 { return false }
            last = clock.now
            return true
        }
        if isDue { manager.alive() }
    }
}
