internal import CLinux
internal import Glibc

/// A socket that takes connections, and whatever it leaves on the disk. The descriptor lives as long as this does.
final class Listening: Sendable {
    let descriptor: CInt
    /// For people: a path, or an address with its port.
    let name: String
    /// Of a Unix socket: the file, and which one it is, so that nobody else's is removed.
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

    /// As many as may stand before the door, beside those that are inside.
    private static let backlog: CInt = 64

    /// Of a socket's path: what the system allows, and room for the name it is made under.
    static let longestPath = 90

    /// A Unix socket for us and our group. What a dead daemon left there is replaced; what somebody listens at is not.
    ///
    /// - Throws: a sentence about the key `socket`: a `ConfigurationError`, or a `TransientError`.
    static func unix(path: String) throws -> Listening {
        func sentence(_ why: String) -> String { "socket \(path): \(why)." }
        func failure(code: CInt) -> any Error { TransientError.sorted(sentence(String(cString: strerror(code))), code) }
        if let there = status(of: path) {
            guard there.st_mode & S_IFMT == S_IFSOCK else { throw ConfigurationError(sentence("there is a file of that name, which is no socket")) }
            if isAnswered(path) { throw TransientError(sentence("another program listens there: each daemon needs a name of its own")) }
        }
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if !folder.isEmpty, mkdir(folder, 0o755) != 0, errno != EEXIST { throw failure(code: errno) }
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw failure(code: errno) }
        // Made under another name, and renamed when all is right: nobody meets it with other rights, or not listening yet.
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
        return Listening(descriptor, name: path, file: (path, UInt64(inode)))
    }

    /// - Throws: a sentence about the key `http.listen`: a `ConfigurationError`, or a `TransientError`.
    static func loopback(_ address: LoopbackAddress) throws -> Listening {
        func failure(code: CInt) -> any Error {
            TransientError.sorted("http.listen \(address): \(String(cString: strerror(code))).", code)
        }
        let descriptor = socket(SocketAddress.loopback(address).family, kind, 0)
        guard descriptor >= 0 else { throw failure(code: errno) }
        var yes: CInt = 1
        // A connection of the last daemon that is still ending does not keep the next one out.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        guard SocketAddress.loopback(address).with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, backlog) == 0 else {
            let code = errno
            close(descriptor)
            throw failure(code: code)
        }
        let port = SocketAddress.port(of: descriptor) ?? address.port
        return Listening(descriptor, name: LoopbackAddress(address.family, port: port).description)
    }

    private static let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)

    private static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Whether anybody takes connections there; a full queue is somebody's too.
    private static func isAnswered(_ path: String) -> Bool {
        let descriptor = socket(AF_UNIX, kind, 0)
        defer { close(descriptor) }
        return SocketAddress.unix(path).with { connect(descriptor, $0, $1) } == 0 || errno != ECONNREFUSED
    }
}
