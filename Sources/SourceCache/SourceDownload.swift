internal import Synchronization

/// Progress of a source on its way.
public struct CacheProgress: Sendable, Equatable {
    /// Bytes that are here.
    public var done: Int64
    /// Of the whole, where the server told.
    public var whole: Int64?
}

/// One transfer, and all who wait for it. It ends early when nobody waits any more.
final class SourceDownload: Sendable {
    typealias Waiter = @Sendable (CacheProgress) -> Bool

    private struct State {
        var waiters: [Int: Waiter] = [:]
        var continuations: [Int: CheckedContinuation<CacheEntry, any Error>] = [:]
        var count = 0
        var progress = CacheProgress(done: 0)
        var result: Result<CacheEntry, any Error>?
    }

    private let state = Mutex(State())

    /// Waits for the end. Bounded by its callers: each waits for its own.
    ///
    /// - Parameter onProgress: called on the thread of the transfer; false leaves.
    func wait(_ onProgress: @escaping Waiter) async throws -> CacheEntry {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<CacheEntry, any Error>? in
                if state.result == nil {
                    state.count += 1
                    state.waiters[state.count] = onProgress
                    state.continuations[state.count] = continuation
                }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Tells all; false when nobody waits any more.
    ///
    /// - Parameter progress: nil: what was told last.
    @discardableResult
    func tell(_ progress: CacheProgress? = nil) -> Bool {
        let (waiters, progress) = state.withLock { state in
            state.progress = progress ?? state.progress
            return (state.waiters, state.progress)
        }
        let left = waiters.filter { !$0.value(progress) }.map(\.key)
        let (gone, isWanted) = state.withLock { state in
            let gone = left.compactMap { state.continuations.removeValue(forKey: $0) }
            for number in left { state.waiters[number] = nil }
            return (gone, !state.waiters.isEmpty)
        }
        for continuation in gone { continuation.resume(throwing: CacheError.cancelled) }
        return isWanted
    }

    func end(_ result: Result<CacheEntry, any Error>) {
        let waiting = state.withLock { state in
            state.result = result
            defer { (state.waiters, state.continuations) = ([:], [:]) }
            return Array(state.continuations.values)
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
