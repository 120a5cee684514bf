/// A wait with a timeout, for work that cannot be cancelled.
package enum Deadline {
    /// nil on timeout: the work continues, and its result is ignored.
    package static func within<Result: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        let (answers, answer) = AsyncStream.makeStream(of: Result?.self)
        Task { answer.yield(await work()) }
        let timer = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            answer.yield(nil)
        }
        defer { timer.cancel() }
        for await first in answers { return first }
        return nil
    }
}
