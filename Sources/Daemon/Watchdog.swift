internal import Observability
internal import Platform
internal import Synchronization

/// The service manager's watchdog, which kills a hanging daemon. The daemon's loop feeds it as it makes progress,
/// not a timer: a hanging loop must be detected whatever else still runs. May be used from any task.
final class Watchdog: Sendable {
    private let manager: ServiceManager
    private let heartbeat: Heartbeat
    private let clock = ContinuousClock()
    private let lastFed: Mutex<ContinuousClock.Instant?> = Mutex(nil)

    /// - Parameter heartbeat: also told about progress.
    init(_ manager: ServiceManager, _ heartbeat: Heartbeat) {
        self.manager = manager
        self.heartbeat = heartbeat
    }

    /// At least four turns within the manager's timeout.
    private var longestRest: Duration? { manager.watchdog.map { $0 / 4 } }

    /// How long an idle loop may sleep that wants to sleep for `wait`: an intended wait must not trigger the watchdog.
    func rest(_ wait: Duration) -> Duration { longestRest.map { min($0, wait) } ?? wait }

    /// To be called at every progress of the loop: it passes on no more than needed.
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
