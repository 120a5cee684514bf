package import FoundationEssentials
internal import Synchronization

/// Whether the daemon's loop is running. Beaten by the loop, read from anywhere.
package final class Heartbeat: Sendable {
    private struct State {
        var turned: Date
        /// Without a beat by then, the loop hangs.
        var due: ContinuousClock.Instant
    }

    /// The longest turn: all queries of a database that always replies just in time.
    package static let longestTurn = Duration.seconds(180)

    private let state = Mutex(State(turned: Date(), due: .now + longestTurn))

    /// A turn of the loop starts.
    package func turn() { state.withLock { $0 = State(turned: Date(), due: .now + Self.longestTurn) } }

    /// The loop sleeps, at most for this long.
    package func rest(for wait: Duration) { state.withLock { $0.due = .now + wait + Self.longestTurn } }

    package func isBeating(at now: ContinuousClock.Instant = .now) -> Bool { state.withLock { now < $0.due } }

    package var lastTurn: Date { state.withLock { $0.turned } }
}
