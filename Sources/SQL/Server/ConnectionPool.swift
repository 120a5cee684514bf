import Foundation
import Glibc
import Platform

/// A few connections to one server, each on its own thread, with one queue of work: a slow statement does not
/// block the next caller's. Threads start when there is work, and end, with their connection, when there is none.
///
/// Unchecked: the condition's lock is held wherever a mutable property is read or written. A connection never leaves
/// the thread that opened it.
final class ConnectionPool: @unchecked Sendable {
    private typealias Work = @Sendable (ConnectionSlot) -> Void

    private let condition = NSCondition()
    private var queue: [Work] = []
    /// Running threads, and how many of them are idle.
    private var threads = 0
    private var idle = 0
    /// Threads whose connection is not closed yet.
    private var alive = 0
    private var isClosed = false
    private var closing: [CheckedContinuation<Void, Never>] = []

    private let limit: Int
    private let factory: ConnectionFactory
    private let timeouts: SQLTimeouts
    private let backoff: Backoff
    /// Shorter than the usual idle timeouts of servers and firewalls.
    private static let idleTime: TimeInterval = 60

    init(limit: Int, timeouts: SQLTimeouts, backoff: Backoff = Backoff(), factory: @escaping ConnectionFactory) {
        self.limit = limit
        self.timeouts = timeouts
        self.backoff = backoff
        self.factory = factory
    }

    func transaction<T: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws -> T {
        try await perform { slot in try slot.transaction(access, body) }
    }

    func define(_ definition: Query) async throws {
        try await perform { slot in try slot.define(definition) }
    }

    private func perform<T: Sendable>(_ work: @escaping @Sendable (ConnectionSlot) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let refusal = submit { slot in continuation.resume(with: Result { try work(slot) }) }
            if let refusal { continuation.resume(throwing: refusal) }
        }
    }

    /// Nil, or why the work will never run.
    private func submit(_ work: @escaping Work) -> SQLError? {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { return SQLError(.gone, "it was closed") }
        queue.append(work)
        guard queue.count > idle, threads < limit else {
            condition.signal()
            return nil
        }
        do throws(ThreadError) {
            try SystemThread { self.serve() }.detach()
            threads += 1
            alive += 1
        } catch where threads == 0 {
            queue.removeLast()
            return SQLError(.busy, "no thread could be started: \(error.cause)")
        } catch {
            // The threads that there are take it in turn.
        }
        return nil
    }

    /// A thread's main function.
    private func serve() {
        // A server that goes away during a write is an error, not the end of the process: TLS has no flag for this.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let slot = ConnectionSlot(factory: factory, timeouts: timeouts, backoff: backoff)
        while let work = next() { work(slot) }
        slot.drop()
        left()
    }

    private func next() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        let deadline = Date(timeIntervalSinceNow: Self.idleTime)
        while queue.isEmpty, !isClosed {
            idle += 1
            let isSignalled = condition.wait(until: deadline)
            idle -= 1
            if !isSignalled { break }
        }
        if queue.isEmpty {
            threads -= 1
            return nil
        }
        return queue.removeFirst()
    }

    private func left() {
        condition.lock()
        alive -= 1
        let done = isClosed && alive == 0 ? closing : []
        if !done.isEmpty { closing = [] }
        condition.unlock()
        for continuation in done { continuation.resume() }
    }

    /// Accepts no more work, and ends the threads when the accepted work is done.
    func shutDown() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    /// As `shutDown`, and waits for it.
    func close() async {
        await withCheckedContinuation { continuation in
            shutDown()
            condition.lock()
            let isOver = alive == 0
            if !isOver { closing.append(continuation) }
            condition.unlock()
            if isOver { continuation.resume() }
        }
    }
}
