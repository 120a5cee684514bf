internal import Glibc
internal import Platform

/// journald's own socket, which takes messages with fields. May be used from any thread. Owns its descriptor.
public final class JournalSocket: Sendable {
    private let descriptor: CInt
    private let path: String

    /// nil where standard error does not go to the journal: whoever started us may have left us his variable.
    public static func ofThisProcess(_ environment: [String: String]) -> JournalSocket? {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"], fstat(STDERR_FILENO, &status) == 0,
            stream == "\(status.st_dev):\(status.st_ino)"
        else { return nil }
        return JournalSocket(path: "/run/systemd/journal/socket")
    }

    /// nil where no socket can be made.
    init?(path: String) {
        descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// False where it is not taken, or not at once: it is to be said in another way then. Does not wait.
    public func send(_ line: LogLine) -> Bool {
        let bytes = line.journal
        return SocketAddress.unix(path).with { address, length in
            sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT), address, length) == bytes.count
        }
    }
}
