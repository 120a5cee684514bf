internal import Glibc
internal import Platform

/// Finds out who listens at an address, as a caller does. Blocks, for some seconds at most.
enum ServiceProbe {
    enum Finding: Equatable {
        /// A transcoder daemon accepts notifications there.
        case daemon
        /// Another program accepts connections, or does not answer.
        case stranger
        case nobody
    }

    /// Served at the Unix socket and over TCP; it needs no token, and wakes nothing.
    private static let question = "GET /notify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    /// How transcoder answers, and hardly any other program.
    private static let signs = ["HTTP/1.1 405 ", "\r\nAllow: POST\r\n", "\"woken\":false"]

    static func ask(_ address: SocketAddress, limit: Duration = .seconds(3)) -> Finding {
        let descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .nobody }
        defer { close(descriptor) }
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: Int(limit.components.attoseconds / 1_000_000_000_000))
        // On Linux, the send timeout applies to connecting, too.
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
            // A full backlog, or a socket that we may not open, has an owner.
            return [EAGAIN, EINPROGRESS, ETIMEDOUT, EACCES].contains(errno) ? .stranger : .nobody
        }
        let question = Array(question.utf8)
        guard send(descriptor, question, question.count, CInt(MSG_NOSIGNAL)) == question.count else { return .stranger }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        let deadline = ContinuousClock.now + limit
        while answer.count < 1 << 16, .now < deadline {
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += part[..<count]
        }
        let text = String(decoding: answer, as: UTF8.self)
        return signs.allSatisfy(text.contains) ? .daemon : .stranger
    }
}
