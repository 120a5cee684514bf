internal import HTTPClient
internal import Synchronization

/// Sessions with their kept connections, for as many threads as ask.
///
/// `@unchecked Sendable`: a session is with one thread at a time. Whoever takes it out of the list has the only reference until it is
/// put back. As many are kept as were used at once, at most `most`.
final class SessionPool: @unchecked Sendable {
    private let policy: HTTPPolicy
    private let idle = Mutex<Void>(())
    private var sessions: [HTTPSession] = []

    private static let most = 16

    init(policy: HTTPPolicy) { self.policy = policy }

    func with<Value, Failure: Error>(_ use: (HTTPSession) throws(Failure) -> Value) throws(Failure) -> Value {
        let session = idle.withLock { _ in sessions.popLast() } ?? HTTPSession(policy)
        defer { idle.withLock { _ in if sessions.count < Self.most { sessions.append(session) } } }
        return try use(session)
    }
}
