import Glibc
import Synchronization

/// A server on loopback that reads requests and answers each with the next of the given bytes, one connection at a time; then it closes.
final class CannedServer: Sendable {
    let port: UInt16
    private let listener: CInt
    private let heard = Mutex<[String]>([])

    /// - Parameter connections: what each gets: an answer to each request on it, before it is closed. Without any, nobody listens.
    init(_ connections: [[String]]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && (connections.isEmpty || listen(listener, 8) == 0) && getsockname(listener, raw, &length) == 0
            }
        }
        guard code else { throw Failure(code: errno) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        guard !connections.isEmpty else { return }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(server: self, connections: connections))
        pthread_create(&thread, nil, { Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().run(); return nil }, work.toOpaque())
        pthread_detach(thread)
    }

    deinit { close(listener) }

    var url: String { "http://127.0.0.1:\(port)" }
    /// The requests, with their bodies.
    var requests: [String] { heard.withLock(\.self) }

    struct Failure: Error { let code: CInt }

    private final class Work {
        let server: CannedServer
        let connections: [[String]]
        init(server: CannedServer, connections: [[String]]) { (self.server, self.connections) = (server, connections) }

        func run() {
            for answers in connections {
                let connection = accept(server.listener, nil, nil)
                guard connection >= 0 else { return }
                for answer in answers {
                    guard let request = Self.read(connection) else { break }
                    server.heard.withLock { $0.append(request) }
                    let bytes = Array(answer.utf8)
                    _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                }
                close(connection)
            }
        }

        private static func read(_ connection: CInt) -> String? {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let text = String(decoding: bytes, as: UTF8.self)
                if let end = text.firstRange(of: "\r\n\r\n") {
                    let length = text.lowercased().firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
                    if text[end.upperBound...].utf8.count >= length { return text }
                    if text.lowercased().contains("expect: 100-continue") {
                        let more = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
                        _ = send(connection, more, more.count, Int32(MSG_NOSIGNAL))
                    }
                }
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                bytes += buffer[..<count]
            }
        }
    }
}

func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n") + "\r\n\r\n" + body
}
