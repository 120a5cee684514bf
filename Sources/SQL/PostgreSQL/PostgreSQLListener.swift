import CPostgreSQL
import Foundation
import Glibc

/// Waits for a server's notifications, on its own connection and thread. Notifications sent while there is no connection
/// are lost: so each new connection counts as a notification.
struct PostgreSQLListener {
    private let server: ServerLogin
    private let timeouts: SQLTimeouts
    private let channel: String
    /// Hangs up when nobody listens any more. Owned by whoever started the thread.
    private let hangup: Int32

    /// The pause between attempts to connect; doubles with each failure.
    private static let pauses = (first: Duration.milliseconds(100), longest: Duration.seconds(10))
    /// How long to collect a burst of notifications before reporting it.
    private static let calm: useconds_t = 10_000

    init(_ server: ServerLogin, _ timeouts: SQLTimeouts, channel: String, hangup: Int32) {
        self.server = server
        self.timeouts = timeouts
        self.channel = channel
        self.hangup = hangup
    }

    /// Blocks until the descriptor has hung up.
    func run(_ signal: () -> Void) {
        var pause = Self.pauses.first
        while true {
            let start = ContinuousClock.now
            if hear(signal) { return }
            // Do not hammer a server that accepts connections and drops them at once.
            if ContinuousClock.now - start > Self.pauses.longest { pause = Self.pauses.first }
            if isHungUp(within: pause) { return }
            pause = min(Self.pauses.longest, pause * 2)
        }
    }

    /// The life of one connection. True: the descriptor has hung up. False: the connection broke, or failed.
    private func hear(_ signal: () -> Void) -> Bool {
        guard let connection = try? PostgreSQLConnection(server, timeouts) else { return false }
        defer { connection.close() }
        guard (try? connection.listen(to: channel)) != nil else { return false }
        signal()
        let handle = connection.handle
        while true {
            if Self.takeNotifications(handle) { signal() }
            var polled = [
                pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0), pollfd(fd: hangup, events: 0, revents: 0),
            ]
            if poll(&polled, 2, -1) < 0 {
                if errno == EINTR { continue }
                return false
            }
            if polled[1].revents != 0 { return true }
            // On its own thread: nothing else waits meanwhile.
            usleep(Self.calm)
            if PQconsumeInput(handle) == 0 { return false }
        }
    }

    /// Whether there was one.
    private static func takeNotifications(_ handle: OpaquePointer) -> Bool {
        var isAny = false
        while let notification = PQnotifies(handle) {
            isAny = true
            // Owned by us, once; nothing of it is kept.
            PQfreemem(notification)
        }
        return isAny
    }

    private func isHungUp(within time: Duration) -> Bool {
        let deadline = ContinuousClock.now + time
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero { return false }
            var polled = pollfd(fd: hangup, events: 0, revents: 0)
            let count = poll(&polled, 1, Int32(clamping: left.milliseconds + 1))
            if count > 0 { return true }
        }
    }
}

extension PostgreSQLDatabase {
    /// Fires for each notification on the channel, and for every new connection, because earlier notifications
    /// may be lost. Only a hint. The connection lives until the consumer is gone.
    public func notifications(on channel: String) -> AsyncStream<Void> {
        SignalThread.signals(name: "postgresql-listen") { [server, timeouts] hangup, signal in
            PostgreSQLListener(server, timeouts, channel: channel, hangup: hangup).run(signal)
        }
    }
}
