import CHiredis
import Glibc
internal import Verdicts

/// One connection to a Redis server, through hiredis: one request at a time, each with a timeout. Blocks; belongs to one thread.
final class RedisConnection {
    private let server: RedisServer
    private let context: UnsafeMutablePointer<redisContext>

    /// Connects and logs in.
    init(_ server: RedisServer, limit: Duration = .seconds(5)) throws(CacheError) {
        self.server = server
        context = try Self.connect(server, limit)
        if let password = server.password {
            _ = try ask(["AUTH"] + (server.username.map { [$0] } ?? []) + [password])
        }
        if server.database != 0 { _ = try ask(["SELECT", String(server.database)]) }
        _ = try ask(["PING"])
    }

    deinit { redisFree(context) }

    /// A command that returns a number.
    func count(_ words: [String]) throws(CacheError) -> Int {
        guard let number = try ask(words) else { throw failure("it sent a reply that is not a number") }
        return number
    }

    /// The number in the reply; nil if it is not one.
    private func ask(_ words: [String]) throws(CacheError) -> Int? {
        // Each with its own length: an argument may contain NUL.
        let copies = words.map { Array($0.utf8) }
        let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: max(1, copies.reduce(0) { $0 + $1.count }))
        defer { bytes.deallocate() }
        var arguments: [UnsafePointer<CChar>?] = []
        var end = bytes
        for copy in copies {
            arguments.append(UnsafePointer(end))
            for byte in copy {
                end.pointee = CChar(truncatingIfNeeded: byte)
                end += 1
            }
        }
        let answer = Self.withoutSIGPIPE { redisCommandArgv(context, CInt(copies.count), &arguments, copies.map(\.count)) }
        guard let reply = answer?.assumingMemoryBound(to: redisReply.self) else { throw failure(Self.reason(context)) }
        defer { freeReplyObject(reply) }
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: return Int(reply.pointee.integer)
        case REDIS_REPLY_ERROR:
            throw failure("it replied “\(shown(reply.pointee.str.map { String(cString: $0) } ?? ""))”")
        default: return nil
        }
    }

    /// A server's error without our arguments: an old server repeats the AUTH command.
    private func shown(_ text: String) -> String {
        var text = text
        if let repetition = text.firstRange(of: ", with args") { text = String(text[..<repetition.lowerBound]) }
        if let password = server.password, !password.isEmpty { text = text.replacing(password, with: "•••") }
        return String(text.prefix(200))
    }

    private func failure(_ why: String) -> CacheError { .redis(server: "\(server)", why: why) }

    private static func connect(_ server: RedisServer, _ limit: Duration) throws(CacheError) -> UnsafeMutablePointer<redisContext> {
        func failure(_ why: String) -> CacheError { .redis(server: "\(server)", why: why) }
        // hiredis would truncate it, and connect elsewhere.
        guard !server.isSocket || server.host.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            throw failure("the path is too long for a socket")
        }
        let parts = limit.components
        let time = timeval(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
        let made = server.isSocket
            ? redisConnectUnixWithTimeout(server.host, time)
            : redisConnectWithTimeout(server.host, CInt(clamping: server.port), time)
        guard let made else { throw failure("out of memory") }
        guard made.pointee.err == 0, redisSetTimeout(made, time) == REDIS_OK else {
            defer { redisFree(made) }
            throw failure(reason(made))
        }
        return made
    }

    /// Call directly after the failed call: the system error is in `errno`.
    private static func reason(_ context: UnsafeMutablePointer<redisContext>) -> String {
        let code = errno
        switch context.pointee.err {
        case REDIS_ERR_IO where [EAGAIN, EINPROGRESS, ETIMEDOUT].contains(code): return "it does not answer"
        case REDIS_ERR_EOF: return "it closed the connection"
        case REDIS_ERR_PROTOCOL: return "it does not speak Redis' protocol"
        default: return withUnsafeBytes(of: &context.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
    }

    /// hiredis uses write(): a closed server would kill the process if SIGPIPE is not ignored.
    private static func withoutSIGPIPE<Result>(_ body: () -> Result) -> Result {
        var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        sigpending(&pending)
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        let result = body()
        let code = errno
        // Discard our own pending SIGPIPE before it is delivered.
        var now = timespec()
        if sigismember(&pending, SIGPIPE) == 0 { while sigtimedwait(&pipe, nil, &now) < 0, errno == EINTR {} }
        pthread_sigmask(SIG_SETMASK, &before, nil)
        errno = code
        return result
    }
}
