internal import HTTPClient
internal import Synchronization

/// Sessions with their kept connections, for as many threads as ask. As many are kept as were used at once, at most `most`.
final class SessionPool: Sendable {
    /// `@unchecked Sendable`: a session is with one thread at a time. Whoever takes it out of the list has the only reference until it
    /// is put back.
    private struct Idle: @unchecked Sendable {
        let session: HTTPSession
    }

    private let policy: HTTPPolicy
    private let idle = Mutex<[Idle]>([])

    private static let most = 16

    init(policy: HTTPPolicy) { self.policy = policy }

    func with<Value, Failure: Error>(_ use: (HTTPSession) throws(Failure) -> Value) throws(Failure) -> Value {
        let own = idle.withLock { $0.popLast() } ?? Idle(session: HTTPSession(policy))
        defer { idle.withLock { if $0.count < Self.most { $0.append(own) } } }
        return try use(own.session)
    }
}
