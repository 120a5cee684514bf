import Foundation
import Glibc

/// Stands between a client and a server on loopback. What the client says is passed on; with the first message that ends with
/// a certain word, the server's answer is not, and both connections are closed. Later connections are left alone.
final class CuttingProxy: Sendable {
    let port: UInt16
    private let listener: Int32

    struct Failed: Error {}

    init(to server: UInt16, cutAt word: String) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            // The one struct under the other's name, as the C interface has it.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw Failed() }
        port = UInt16(bigEndian: address.sin_port)
        Thread {
            var isArmed = true
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                isArmed = Self.carry(client, server, cutAt: isArmed ? Array(word.utf8) : nil)
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }

    /// One connection, to its end. False: it was cut.
    private static func carry(_ client: Int32, _ port: UInt16, cutAt word: [UInt8]?) -> Bool {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(client)
            close(server)
        }
        var address = loopback(port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return word != nil }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            var polled = [pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0)]
            guard poll(&polled, 2, -1) > 0 else { return word != nil }
            for (from, to) in [(0, server), (1, client)] where polled[from].revents != 0 {
                let count = read(polled[from].fd, &buffer, buffer.count)
                guard count > 0, send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return word != nil }
                // libpq ends a text with a zero, libmariadb does not.
                let said = buffer[..<count].reversed().drop { $0 == 0 }
                if let word, from == 0, said.starts(with: word.reversed()) {
                    // Only when the server has answered is the word done; what it answered goes nowhere.
                    _ = read(server, &buffer, buffer.count)
                    return false
                }
            }
        }
    }
}
