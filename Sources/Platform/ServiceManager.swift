internal import Glibc
internal import Synchronization

/// Notifies systemd (sd_notify's protocol). Silent if nobody listens. May be used from any
/// thread.
public struct ServiceManager: Sendable {
    private let socketPath: String?
    /// The manager may be slow to listen.
    private let thread: BlockingThread?
    private let pending = Pending()
    /// The watchdog timeout; nil if the manager does not watch.
    public let watchdog: Duration?

    /// - Parameter thread: the thread to send from; nil: the caller's.
    public init(environment: [String: String], thread: BlockingThread? = nil) {
        self.thread = thread
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        // A parent process may have passed on variables meant for itself.
        let isMeant = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        watchdog = isMeant && microseconds > 0 && socketPath != nil ? .microseconds(microseconds) : nil
    }

    public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    /// To be followed by `ready`.
    public func reloading(_ status: String) {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=\(status)")
    }

    public func status(_ status: String) { send("STATUS=\(status)") }
    public func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    /// A sign of life.
    public func alive() { send("WATCHDOG=1") }

    /// A manager that does not listen is not retried forever.
    private final class Pending: Sendable {
        let count = Atomic(0)
        static let most = 1000
    }

    /// Messages stay in order. The loop sends a few words per second at most, and waits for nobody here.
    private func send(_ message: String) {
        guard let socketPath else { return }
        guard let thread else { return Self.send(message, to: socketPath) }
        guard pending.count.load(ordering: .relaxed) < Pending.most else { return }
        pending.count.add(1, ordering: .relaxed)
        thread.post { [pending] in
            Self.send(message, to: socketPath)
            pending.count.subtract(1, ordering: .relaxed)
        }
    }

    private static func send(_ message: String, to socketPath: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketPath.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // A leading "@" stands for the zero of an abstract name, which has no terminator.
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        // The service works without its manager: a lost notification is not worth a log line.
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), address, socklen_t(length))
            }
        }
    }
}
