import Foundation
import Glibc
import Synchronization
import Testing

/// A web server that takes messages, and answers each as it was told to.
final class HookReceiver: Sendable {
    struct Request: Sendable {
        let head: String
        let body: String
        let answered: Int

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
        }

        var message: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]) ?? [:] }
    }

    private let listener: SilentListener
    private let state: Mutex<(answers: [String], requests: [Request])>

    /// - Parameter answers: whole, one for each request; then 204.
    init(_ answers: [String] = []) throws {
        listener = try SilentListener()
        state = Mutex((answers: answers, requests: []))
        Thread.detachNewThread { [descriptor = listener.descriptor, self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                serve(connection)
                close(connection)
            }
        }
    }

    var address: String { "http://127.0.0.1:\(listener.port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    /// No more connections are taken.
    func end() { shutdown(listener.descriptor, CInt(SHUT_RDWR)) }

    static func answer(_ status: String, _ more: String = "", body: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)Connection: close\r\n\r\n\(body)"
    }

    private func serve(_ connection: CInt) {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound]), body = String(text[end.upperBound...])
                let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if body.utf8.count >= length {
                    let answer = state.withLock { state in
                        let answer = state.answers.isEmpty ? Self.answer("204 No Content") : state.answers.removeFirst()
                        state.requests.append(Request(head: head, body: body, answered: Int(answer.dropFirst(9).prefix(3)) ?? 0))
                        return Array(answer.utf8)
                    }
                    _ = send(connection, answer, answer.count, CInt(MSG_NOSIGNAL))
                    return
                }
            }
            let count = recv(connection, &part, part.count, 0)
            guard count > 0 else { return }
            bytes += part[..<count]
        }
    }
}
