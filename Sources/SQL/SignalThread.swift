import Foundation
import Glibc

/// A thread that waits for an external event and signals one consumer, until the consumer goes away.
public enum SignalThread {
    /// - Parameter body: runs on the thread; the stream ends when it returns. It must return soon after the descriptor
    ///   `hangup` has hung up, to be polled for no event at all: the consumer is gone. Its `signal` signals the consumer once,
    ///   however often it is called before that is received: the work is looked up, not counted.
    public static func signals(
        name: String, _ body: @escaping @Sendable (_ hangup: Int32, _ signal: () -> Void) -> Void
    ) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        var ends: [Int32] = [-1, -1]
        // A socket pair instead of a pipe: only sockets can be created close-on-exec in one call from Swift.
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            continuation.finish()
            return stream
        }
        // Nothing is ever written: closing one end signals the end.
        let (hangup, ourEnd) = (ends[0], ends[1])
        // Called exactly once, whether the consumer goes or the thread ends: so the descriptor is closed exactly once.
        continuation.onTermination = { _ in close(ourEnd) }
        let thread = Thread {
            // A server that goes away during a write is an error, not the end of the process.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            body(hangup) { continuation.yield() }
            close(hangup)
            continuation.finish()
        }
        thread.name = name
        thread.start()
        return stream
    }
}
