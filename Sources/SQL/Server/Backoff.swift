import Synchronization

/// Keeps many callers from hammering a server that refuses connections. Shared by all threads of a pool.
final class Backoff: Sendable {
    private struct State {
        var failures = 0
        var last: (error: SQLError, until: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())
    /// The first pause; it doubles with each further failure.
    private let pause: Duration
    private static let longest = Duration.seconds(5)

    init(pause: Duration = .milliseconds(100)) { self.pause = pause }

    /// Throws the last attempt's error while it is too early for another.
    func check() throws(SQLError) {
        guard let last = state.withLock({ $0.last }), ContinuousClock.now < last.until else { return }
        throw last.error
    }

    func failed(_ error: SQLError) {
        state.withLock { state in
            let pause = min(Self.longest, pause * (1 << min(state.failures, 16)))
            state.failures += 1
            state.last = (error, ContinuousClock.now + pause)
        }
    }

    func succeeded() { state.withLock { $0 = State() } }
}
