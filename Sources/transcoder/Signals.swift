internal import Glibc
internal import Synchronization
internal import UnixSignals

enum Signals {
    /// Yields for each SIGTERM and SIGINT, which are trapped from now on. SIGHUP has another meaning for a service.
    static func serviceStops() async -> AsyncStream<Void> { await events(of: .sigterm, .sigint) }

    /// Yields for each SIGHUP.
    static func reloads() async -> AsyncStream<Void> { await events(of: .sighup) }

    /// Yields for each SIGWINCH: the terminal has another size.
    static func resizes() async -> AsyncStream<Void> { await events(of: .sigwinch) }

    private static func events(of signals: UnixSignal...) async -> AsyncStream<Void> {
        let signals = await UnixSignalsSequence(trapping: signals)
        return AsyncStream { continuation in
            let task = Task { for await _ in signals { continuation.yield() } }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private static let numbers: [UnixSignal: CInt] = [.sigint: SIGINT, .sighup: SIGHUP, .sigquit: SIGQUIT, .sigterm: SIGTERM]

    /// The first signal that stopped the work.
    private static let received = Mutex<CInt?>(nil)

    /// Runs the work, and calls `stop` at SIGTERM, SIGINT, SIGQUIT or SIGHUP (a closed terminal). `endAsReceived` then ends the program as
    /// that signal would have.
    static func guarding<Result: Sendable>(
        stop: @escaping @Sendable () -> Void, _ work: () async throws -> Result
    ) async throws -> Result {
        let stops = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup, .sigquit)
        let watch = Task {
            for await signal in stops {
                let number = numbers[signal] ?? SIGTERM
                received.withLock { $0 = $0 ?? number }
                stop()
            }
        }
        defer { watch.cancel() }
        return try await work()
    }

    static var wasStopped: Bool { received.withLock { $0 != nil } }

    /// Ends the program by the signal that stopped its work: a shell ends its loop only then.
    static func endAsReceived() {
        guard let number = received.withLock(\.self) else { return }
        if number == SIGINT { StandardStreams.complain("Interrupted.") }
        signal(number, SIG_DFL)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, number)
        pthread_sigmask(SIG_UNBLOCK, &blocked, nil)
        raise(number)
    }
}
