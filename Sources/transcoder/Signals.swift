internal import UnixSignals

enum Signals {
    /// Yields for each SIGTERM, SIGINT and SIGHUP (a closed terminal), which are trapped from now on.
    static func stops() async -> AsyncStream<Void> { await signals(.sigterm, .sigint, .sighup) }

    /// As `stops`, for a service: SIGHUP has another meaning there.
    static func serviceStops() async -> AsyncStream<Void> { await signals(.sigterm, .sigint) }

    /// Yields for each SIGHUP.
    static func reloads() async -> AsyncStream<Void> { await signals(.sighup) }

    private static func signals(_ signals: UnixSignal...) async -> AsyncStream<Void> {
        let signals = await UnixSignalsSequence(trapping: signals)
        return AsyncStream { continuation in
            let task = Task {
                for await _ in signals { continuation.yield() }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Runs the work, and calls `stop` at the first such signal.
    static func guarding<Result: Sendable>(
        stop: @escaping @Sendable () -> Void, _ work: () async throws -> Result
    ) async throws -> Result {
        let stops = await stops()
        let watch = Task { for await _ in stops { stop() } }
        defer { watch.cancel() }
        return try await work()
    }
}
