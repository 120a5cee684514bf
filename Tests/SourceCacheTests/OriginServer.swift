import Foundation
import Synchronization

/// An HTTP server on loopback: each request is answered by a function, on a thread of its own.
final class OriginServer: Sendable {
    struct Request: Sendable {
        var target: String
        /// Names in lower case.
        var fields: [String: String]
    }

    struct Answer: Sendable {
        var status = "200 OK"
        var fields: [String] = []
        var body: [UInt8] = []
        /// The connection breaks after so many bytes of the body.
        var cut: Int?
        /// Waited for before the body.
        var gate: Gate?
    }

    /// Opened once.
    final class Gate: Sendable {
        private let isOpen = DispatchSemaphore(value: 0)
        func open() { isOpen.signal() }
        func wait() {
            isOpen.wait()
            isOpen.signal()
        }
    }

    private let listener: CInt
    let port: UInt16
    private let state = Mutex(State())

    private struct State {
        var requests: [Request] = []
        var atOnce = 0
        var mostAtOnce = 0
        var handler: @Sendable (Request) -> Answer = { _ in Answer(status: "404 Not Found") }
    }

    init(_ handler: @escaping @Sendable (Request) -> Answer) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, raw, &length) == 0
            }
        }
        guard isReady else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        set(handler)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let server = self else { return }
                Thread.detachNewThread { server.serve(connection) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)); close(listener) }

    func set(_ handler: @escaping @Sendable (Request) -> Answer) { state.withLock { $0.handler = handler } }

    func url(_ path: String = "/film.mp4") -> String { "http://127.0.0.1:\(port)\(path)" }
    var requests: [Request] { state.withLock(\.requests) }
    var mostAtOnce: Int { state.withLock(\.mostAtOnce) }

    private func serve(_ connection: CInt) {
        defer { close(connection) }
        while let request = Self.read(connection) {
            let handler = state.withLock { state in
                state.requests.append(request)
                state.atOnce += 1
                state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
                return state.handler
            }
            let answer = handler(request)
            let head = (["HTTP/1.1 \(answer.status)", "Content-Length: \(answer.body.count)"] + answer.fields).joined(separator: "\r\n") + "\r\n\r\n"
            let isSent = Self.send(Array(head.utf8), to: connection)
            answer.gate?.wait()
            let body = answer.cut.map { Array(answer.body.prefix($0)) } ?? answer.body
            let isWhole = isSent && Self.send(body, to: connection) && answer.cut == nil
            state.withLock { $0.atOnce -= 1 }
            guard isWhole else { return }
        }
    }

    private static func send(_ bytes: [UInt8], to connection: CInt) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func read(_ connection: CInt) -> Request? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return Request(target: lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "", fields: fields)
    }
}

extension OriginServer.Answer {
    /// A file as a server of files answers: the whole, a part by Range and If-Range, or that it has not changed.
    static func file(
        _ content: [UInt8], to request: OriginServer.Request, etag: String? = "\"one\"", _ fields: [String] = []
    ) -> OriginServer.Answer {
        var answer = OriginServer.Answer(fields: fields + [etag.map { "ETag: \($0)" }].compactMap(\.self), body: content)
        if let etag, request.fields["if-none-match"] == etag {
            answer.status = "304 Not Modified"
            answer.body = []
        } else if let range = request.fields["range"], request.fields["if-range"].map({ $0 == etag }) ?? true,
            let start = Int(range.dropFirst("bytes=".count).dropLast()), start < content.count
        {
            answer.status = "206 Partial Content"
            answer.fields.append("Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)")
            answer.body = Array(content[start...])
        }
        return answer
    }
}
