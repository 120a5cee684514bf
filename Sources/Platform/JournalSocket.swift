internal import Glibc

/// journald's native socket, which accepts messages with fields. May be used from any thread. Owns its descriptor.
public final class JournalSocket: Sendable {
    private let descriptor: CInt
    private let path: String

    /// nil if standard error does not go to the journal: the variable may be inherited.
    public static func ofThisProcess(_ environment: [String: String]) -> JournalSocket? {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &status) == 0,
            stream == "\(status.st_dev):\(status.st_ino)"
        else { return nil }
        return JournalSocket(path: "/run/systemd/journal/socket")
    }

    /// nil if no socket can be created.
    init?(path: String) {
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// - Parameter bytes: one message in journald's native protocol.
    /// - Returns: false if the journal does not accept it, or would block: then log it in another way. Does not wait.
    package func send(_ bytes: [UInt8]) -> Bool {
        SocketAddress.unix(path).with { address, length in
            sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT), address, length) == bytes.count
        }
    }
}
