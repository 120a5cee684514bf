internal import Dispatch
internal import Synchronization

/// A thread for blocking calls, so that the cooperative pool never blocks. Calls run in order; the thread ends with
/// the last reference to it. May be used from anywhere.
///
/// The queue is bounded by its callers: each waits for its own call, or counts what it posts.
public final class BlockingThread: Sendable {
    private let queue: Queue

    /// Throws if the machine, or our user, can have no more threads.
    public init() throws(ThreadError) {
        let queue = Queue()
        self.queue = queue
        try SystemThread { queue.serve() }.detach()
    }

    deinit {
        queue.add(nil)
    }

    /// Runs a call on the thread and awaits its result without blocking.
    public func run<Result: Sendable>(_ call: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.add { continuation.resume(with: Swift.Result { try call() }) }
        }
    }

    public func run<Result: Sendable>(_ call: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.add { continuation.resume(returning: call()) }
        }
    }

    /// Queues a call on the thread, without waiting for it. The queue stays bounded only if its
    /// callers limit themselves.
    package func post(_ call: @escaping @Sendable () -> Void) { queue.add(call) }

    private final class Queue: Sendable {
        private let waiting = DispatchSemaphore(value: 0)
        private let calls = Mutex<[(@Sendable () -> Void)?]>([])

        /// Nil ends the thread after the calls queued before it.
        func add(_ call: (@Sendable () -> Void)?) {
            calls.withLock { $0.append(call) }
            waiting.signal()
        }

        func serve() {
            while true {
                waiting.wait()
                guard let call = calls.withLock({ $0.removeFirst() }) else { return }
                call()
            }
        }
    }
}
