internal import CLinux
internal import Glibc
internal import MediaWire

/// The daemon's end of a child's standard error: read after the child's end, and limited by the pipe's buffer, so that
/// a child that writes endlessly only loses its own output. Owns its descriptor.
package final class ErrorPipe: Sendable {
    /// The number of trailing bytes kept for the log.
    package static let limit = 4096

    private let descriptor: CInt

    private init(adopting descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The caller closes the other end once the child has its own.
    package static func open() throws -> (mine: ErrorPipe, theirs: CInt) {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw ChildError.call("pipe2", code: errno) }
        return (ErrorPipe(adopting: ends[0]), ends[1])
    }

    /// What can be read now; call it once.
    package func text() -> String {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        return PlainText.lines(PlainText.tail(String(decoding: bytes, as: UTF8.self), bytes: Self.limit))
    }
}
