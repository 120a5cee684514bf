import Foundation
import Testing

/// Takes one connection at a Unix socket, gives each request the next of its answers, and with the last one is heard no more.
final class FalseRedis: Sendable {
    init(path: String, answers: [String]) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(descriptor, 1) == 0
            }
        }
        try #require(isListening)
        Thread.detachNewThread {
            let connection = accept(descriptor, nil, nil)
            var buffer = [UInt8](repeating: 0, count: 4096)
            for (index, answer) in answers.enumerated() {
                guard recv(connection, &buffer, buffer.count, 0) > 0 else { break }
                // Before it is answered: the next request meets a closed door, however soon it comes.
                if index == answers.count - 1 { shutdown(connection, Int32(SHUT_RD)) }
                let bytes = Array(answer.utf8)
                send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            }
            close(connection)
            close(descriptor)
        }
    }
}
