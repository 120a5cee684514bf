/// Waiting that ends in time, for work that cannot be cut short.
package enum Deadline {
    /// nil where it takes longer: it goes on, and nobody listens any more.
    package static func within<Result: Sendable>(
        _ timeouts: Duration, _ work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let (answers, answer) = AsyncStream.makeStream(of: Result?.self)
        Task { answer.yield(await work()) }
        let timer = Task {
            do { try await Task.sleep(for: timeouts) } catch { return }
            answer.yield(nil)
        }
        defer { timer.cancel() }
        for await first in answers { return first }
        return nil
    }
}
