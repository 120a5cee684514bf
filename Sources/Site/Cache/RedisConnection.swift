import Glibc

/// One connection to a Redis server, in its own protocol (RESP 2): a request at a time, each with a time limit. Blocks; belongs
/// to one thread.
final class RedisConnection {
    private enum Reply {
        case line(String)
        case number(Int)
        case bulk
    }

    private let server: RedisServer
    private let socket: CInt
    private var received: [UInt8] = []

    /// Connects, and gets in.
    init(_ server: RedisServer, limit: Duration = .seconds(5)) throws(CacheError) {
        self.server = server
        socket = try Self.connect(server, limit)
        if let password = server.password {
            _ = try ask(["AUTH"] + (server.username.map { [$0] } ?? []) + [password])
        }
        if server.database != 0 { _ = try ask(["SELECT", String(server.database)]) }
        _ = try ask(["PING"])
    }

    deinit { close(socket) }

    /// A command that answers with a number.
    func count(_ words: [String]) throws(CacheError) -> Int {
        guard case .number(let number) = try ask(words) else { throw failure("an answer that is no number") }
        return number
    }

    private func ask(_ words: [String]) throws(CacheError) -> Reply {
        var request = Array("*\(words.count)\r\n".utf8)
        for word in words { request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(Self.reason()) }
            sent += count
        }
        return try answer()
    }

    private func answer() throws(CacheError) -> Reply {
        let line = try line()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .line(rest)
        // A server's error names no password, whatever it was asked.
        case "-": throw failure("it answers “\(rest.prefix(200))”")
        case ":":
            if let number = Int(rest) { return .number(number) }
        case "$":
            guard let length = Int(rest), length <= 1 << 20 else { break }
            if length >= 0 { try take(length + 2) }
            return .bulk
        default: break
        }
        throw failure("it does not speak Redis' protocol")
    }

    private func line() throws(CacheError) -> String {
        while true {
            if let end = received.firstIndex(of: 0x0A) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                return line.last == "\r" ? String(line.dropLast()) : line
            }
            guard received.count < 1 << 16 else { throw failure("it does not speak Redis' protocol") }
            try receive()
        }
    }

    private func take(_ count: Int) throws(CacheError) {
        while received.count < count { try receive() }
        received.removeFirst(count)
    }

    private func receive() throws(CacheError) {
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &part, part.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count != 0 else { throw failure("it closed the connection") }
            guard count > 0 else { throw failure(Self.reason()) }
            received += part[..<count]
            return
        }
    }

    private func failure(_ why: String) -> CacheError { .redis(server: "\(server)", why: why) }

    private static func reason() -> String {
        errno == EAGAIN || errno == EINPROGRESS ? "it does not answer" : String(cString: strerror(errno))
    }

    private static func connect(_ server: RedisServer, _ limit: Duration) throws(CacheError) -> CInt {
        var why = ""
        for address in try addresses(server) {
            let descriptor = Glibc.socket(address.family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { continue }
            // The limit for sending is Linux' limit for connecting, too.
            let parts = limit.components
            var time = timeval(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
            for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
                setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
            }
            let result = address.bytes.withUnsafeBytes {
                Glibc.connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
            }
            if result == 0 { return descriptor }
            why = reason()
            close(descriptor)
        }
        throw .redis(server: "\(server)", why: why)
    }

    private static func addresses(_ server: RedisServer) throws(CacheError) -> [(family: CInt, bytes: [UInt8])] {
        if server.isSocket {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = Array(server.host.utf8)
            guard path.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw .redis(server: "\(server)", why: "the path is too long for a socket")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            return [(AF_UNIX, withUnsafeBytes(of: address) { Array($0) })]
        }
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let failure = getaddrinfo(server.host, String(server.port), &hints, &list)
        guard failure == 0 else { throw .redis(server: "\(server)", why: String(cString: gai_strerror(failure))) }
        defer { freeaddrinfo(list) }
        var found: [(CInt, [UInt8])] = []
        var next = list
        while let entry = next {
            let bytes = UnsafeRawBufferPointer(start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            found.append((entry.pointee.ai_family, Array(bytes)))
            next = entry.pointee.ai_next
        }
        return found
    }
}
