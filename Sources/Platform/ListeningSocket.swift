internal import Glibc
/// A listening socket, with its file on the disk. The descriptor lives as long as this does.
public final class ListeningSocket: Sendable {
    let descriptor: CInt
    /// For people: a path, or an address with its port.
    public let name: String
    /// Of a Unix socket: the file, with its identity, so that only our own file is removed.
    private let file: (path: String, inode: UInt64)?

    private init(_ descriptor: CInt, name: String, file: (path: String, inode: UInt64)? = nil) {
        self.descriptor = descriptor
        self.name = name
        self.file = file
    }

    deinit {
        close(descriptor)
        if let file, let there = Self.status(of: file.path), UInt64(there.st_ino) == file.inode { unlink(file.path) }
    }

    /// The backlog.
    private static let backlog: CInt = 64

    /// The longest path: the system's limit, minus the temporary name's suffix.
    public static let longestPath = 90

    /// A Unix socket for this user and group. Replaces a dead daemon's socket, but not one that a program listens on.
    ///
    /// - Throws: a sentence about the key `socket`.
    public static func unix(path: String) throws(ListeningError) -> ListeningSocket {
        func failure(_ why: String, code: CInt = 0) -> ListeningError { ListeningError("socket \(path): \(why).", code: code) }
        func failure(code: CInt) -> ListeningError { failure(String(cString: strerror(code)), code: code) }
        if let there = status(of: path) {
            guard there.st_mode & S_IFMT == S_IFSOCK else { throw failure("a file of that name exists, but is not a socket") }
            if isAnswered(path) { throw failure("another program listens there; each daemon needs its own", code: EADDRINUSE) }
        }
        let folder = path.parentFolder
        if mkdir(folder, 0o755) != 0, errno != EEXIST { throw failure(code: errno) }
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw failure(code: errno) }
        // Created under another name, and renamed when ready: nobody sees it with other permissions, or not listening yet.
        let temporary = "\(path).\(getpid())"
        unlink(temporary)
        let isMade = SocketAddress.unix(temporary).with { bind(descriptor, $0, $1) } == 0
            && chmod(temporary, 0o660) == 0 && listen(descriptor, backlog) == 0
        let inode = status(of: temporary)?.st_ino ?? 0
        guard isMade, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            close(descriptor)
            throw failure(code: code)
        }
        return ListeningSocket(descriptor, name: path, file: (path, UInt64(inode)))
    }

    /// - Throws: a sentence about the key `http.listen`.
    public static func loopback(_ address: LoopbackAddress) throws(ListeningError) -> ListeningSocket {
        func failure(code: CInt) -> ListeningError {
            ListeningError("http.listen \(address): \(String(cString: strerror(code))).", code: code)
        }
        let descriptor = socket(SocketAddress.loopback(address).family, kind, 0)
        guard descriptor >= 0 else { throw failure(code: errno) }
        var yes: CInt = 1
        // A closing connection of the previous daemon does not block the port.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard SocketAddress.loopback(address).with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw failure(code: code)
        }
        let port = SocketAddress.port(of: descriptor) ?? address.port
        return ListeningSocket(descriptor, name: LoopbackAddress(address.family, port: port).description)
    }

    /// Another descriptor of the same socket, for an owner that closes it.
    public func duplicate() throws(ListeningError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListeningError("\(name): \(String(cString: strerror(errno))).", code: errno) }
        return copy
    }

    /// Throws if the machine, or our user, lacks a thread or this many descriptors.
    public func requireRoom(descriptors: Int) throws(ListeningError) {
        var copies: [CInt] = []
        defer { for copy in copies { close(copy) } }
        for _ in 0..<descriptors { copies.append(try duplicate()) }
        do throws(ThreadError) {
            try SystemThread {}.join()
        } catch {
            throw ListeningError("\(name): no thread could be started: \(error.cause).", code: error.code)
        }
    }

    private static let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)

    private static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Whether a program accepts connections there; a full backlog counts, too.
    private static func isAnswered(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, kind, 0)
        defer { close(descriptor) }
        return SocketAddress.unix(path).with { connect(descriptor, $0, $1) } == 0 || errno != ECONNREFUSED
    }
}

/// Why a socket cannot be opened: a sentence that begins with its key.
public struct ListeningError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
    /// `errno`; 0 if no system call failed.
    public let code: Int32

    init(_ description: String, code: Int32 = 0) {
        self.description = description
        self.code = code
    }
}
