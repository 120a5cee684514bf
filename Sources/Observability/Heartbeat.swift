package import FoundationEssentials
internal import Synchronization

/// Whether the daemon's loop goes on turning. Beaten by the loop, read from anywhere.
package final class Heartbeat: Sendable {
    private struct State {
        var turned: Date
        /// Whoever has not been heard of by then hangs.
        var due: ContinuousClock.Instant
    }

    /// What one turn may take: all looks into a database that answers only just in time.
    package static let timeouts = Duration.seconds(180)

    private let state = Mutex(State(turned: Date(), due: .now + timeouts))

    /// A turn of the loop begins.
    package func turn() { state.withLock { $0 = State(turned: Date(), due: .now + Self.timeouts) } }

    /// The loop goes to rest, for so long at most.
    package func rest(for wait: Duration) { state.withLock { $0.due = .now + wait + Self.timeouts } }

    package func isBeating(at now: ContinuousClock.Instant = .now) -> Bool { state.withLock { now < $0.due } }

    package var lastTurn: Date { state.withLock { $0.turned } }
}
