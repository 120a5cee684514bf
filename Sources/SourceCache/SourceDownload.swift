internal import Synchronization

/// Progress of a source on its way.
public struct CacheProgress: Sendable, Equatable {
    /// Bytes that are here.
    public var done: Int64
    /// Of the whole, where the server told.
    public var whole: Int64?

    public init(done: Int64, whole: Int64? = nil) {
        self.done = done
        self.whole = whole
    }
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
        /// All have left: it is about to end, and nobody may join.
        var isAbandoned = false
    }

    private let state = Mutex(State())

    /// Joins those who wait; nil if all have left. `wait` follows.
    ///
    /// - Parameter onProgress: called on the thread of the transfer; false leaves.
    func join(_ onProgress: @escaping Waiter) -> Int? {
        state.withLock { state -> Int? in
            guard !state.isAbandoned else { return nil }
            state.count += 1
            state.waiters[state.count] = onProgress
            return state.count
        }
    }

    /// Waits for the end. Bounded by its callers: each waits for its own.
    func wait(_ number: Int) async throws -> CacheEntry {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<CacheEntry, any Error>? in
                if let result = state.result { return result }
                // It left before it could wait.
                guard state.waiters[number] != nil else { return .failure(FetchError.cancelled) }
                state.continuations[number] = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Tells all; false when nobody waits any more.
    ///
    /// - Parameter progress: nil: what was told last.
    @discardableResult
    func tell(_ progress: CacheProgress? = nil) -> Bool {
        let (waiters, told) = state.withLock { state in
            state.progress = progress ?? state.progress
            return (state.waiters, state.progress)
        }
        let left = waiters.filter { !$0.value(told) }.map(\.key)
        let (gone, isWanted) = state.withLock { state in
            let gone = left.compactMap { state.continuations.removeValue(forKey: $0) }
            for number in left { state.waiters[number] = nil }
            if state.waiters.isEmpty { state.isAbandoned = true }
            return (gone, !state.isAbandoned)
        }
        for continuation in gone { continuation.resume(throwing: FetchError.cancelled) }
        return isWanted
    }

    func end(_ result: Result<CacheEntry, any Error>) {
        let waiting = state.withLock { state in
            let waiting = Array(state.continuations.values)
            state.result = result
            (state.waiters, state.continuations) = ([:], [:])
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}
