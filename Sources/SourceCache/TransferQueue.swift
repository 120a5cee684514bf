internal import Platform
internal import Synchronization

/// Threads for transfers: so many at once, the others in the order in which they came. Bounded by its callers: each waits for its own.
final class TransferQueue: Sendable {
    private struct State {
        var idle: [BlockingThread] = []
        var made = 0
        var waiting: [CheckedContinuation<BlockingThread, Never>] = []
    }

    private let most: Int
    private let state = Mutex(State())

    init(most: Int) { self.most = max(1, most) }

    func run<Value: Sendable>(_ call: @escaping @Sendable () throws -> Value) async throws -> Value {
        let thread = try await take()
        defer { give(thread) }
        return try await thread.run(call)
    }

    private func take() async throws -> BlockingThread {
        let (thread, mayMake) = state.withLock { state -> (BlockingThread?, Bool) in
            if let thread = state.idle.popLast() { return (thread, false) }
            guard state.made < most else { return (nil, false) }
            state.made += 1
            return (nil, true)
        }
        if let thread { return thread }
        if mayMake {
            do {
                return try BlockingThread()
            } catch {
                state.withLock { $0.made -= 1 }
                throw error
            }
        }
        return await withCheckedContinuation { continuation in
            // One may have become idle since.
            let thread = state.withLock { state -> BlockingThread? in
                if let thread = state.idle.popLast() { return thread }
                state.waiting.append(continuation)
                return nil
            }
            if let thread { continuation.resume(returning: thread) }
        }
    }

    private func give(_ thread: BlockingThread) {
        let next = state.withLock { state -> CheckedContinuation<BlockingThread, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.idle.append(thread)
            return nil
        }
        next?.resume(returning: thread)
    }
}
