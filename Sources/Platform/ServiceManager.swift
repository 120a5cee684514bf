internal import Glibc
internal import Synchronization

/// Tells systemd what the service is doing (sd_notify's protocol). Silent where nobody listens. May be used from any
/// thread.
public struct ServiceManager: Sendable {
    private let socketPath: String?
    /// The manager may take its time to listen.
    private let thread: BlockingThread?
    private let pending = Pending()
    /// How long it waits for a sign of life before it ends the service and starts it anew; nil where it does not watch.
    public let watchdog: Duration?

    /// - Parameter thread: on which it is told; nil: on the caller's.
    public init(environment: [String: String], thread: BlockingThread? = nil) {
        self.thread = thread
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        // A process between the manager and us may have handed on what was meant for itself.
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

    /// A manager that does not listen is not told for ever.
    private final class Pending: Sendable {
        let count = Atomic(0)
        static let most = 1000
    }

    /// What is said stays in its order. A few words a second at most: the loop's, which waits for nobody here.
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
        // A leading "@" stands for the zero of an abstract name, which has no end mark.
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        // The service works without its manager's ear: a lost notification is not worth a word.
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), address, socklen_t(length))
            }
        }
    }
}
