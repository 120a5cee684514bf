import Foundation
import Glibc
import Platform
@testable import HTTPAPI

/// A caller who writes bytes, on a thread of its own with each call: it blocks, and nobody else does.
final class RawClient: Sendable {
    private let descriptor: CInt

    struct NoConnection: Error { let code: CInt }

    init(unix path: String) throws { descriptor = try Self.connected(AF_UNIX, .unix(path)) }

    init(port: UInt16) throws { descriptor = try Self.connected(AF_INET, .loopback(LoopbackAddress(.version4, port: port))) }

    deinit { close(descriptor) }

    private static func connected(_ family: CInt, _ address: SocketAddress) throws -> CInt {
        let descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw NoConnection(code: code)
        }
        return descriptor
    }

    /// False: the other side is gone.
    @discardableResult
    func say(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// More than the other side may take at once.
    @discardableResult
    func sayAll(_ text: String) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(returning: say(text)) }
        }
    }

    /// No more will be said.
    func finish() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// All that is answered, until the other side ends it.
    func answer() async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var all: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count <= 0 { break }
                    all += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }

    /// As most callers do: says all of it before it listens, and gives up at the first error, whatever else there was to read.
    func askInOrder(_ text: String) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in
                guard say(text) else { return continuation.resume(throwing: NoConnection(code: errno)) }
                var all: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count < 0 { return continuation.resume(throwing: NoConnection(code: errno)) }
                    if count == 0 { return continuation.resume(returning: String(decoding: all, as: UTF8.self)) }
                    all += buffer[..<count]
                }
            }
        }
    }

    func ask(_ text: String) async -> String {
        say(text)
        return await answer()
    }

    /// What comes until the text is there, on a connection that stays.
    func answer(until mark: String) async -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var all: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while !String(decoding: all, as: UTF8.self).contains(mark) {
                    let count = recv(descriptor, &buffer, buffer.count, 0)
                    if count <= 0 { break }
                    all += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: all, as: UTF8.self))
            }
        }
    }

    /// Waits until the other side has gone, and reads nothing of what it said.
    func isGone() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                var polled = pollfd(fd: descriptor, events: 0x2000 /* POLLRDHUP */, revents: 0)
                while poll(&polled, 1, -1) < 0 {}
                continuation.resume()
            }
        }
    }
}
