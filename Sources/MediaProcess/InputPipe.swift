internal import CLinux
internal import Glibc

/// A pipe that holds all of its bytes before the child starts: nobody has to feed it, and a child that does not read it does no harm.
enum InputPipe {
    /// The reading end, which the caller closes. Throws if the bytes do not fit.
    static func filled(with bytes: [UInt8]) throws -> CInt {
        var ends: [CInt] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw ChildError.call("pipe2", code: errno) }
        defer { close(ends[1]) }
        guard write(ends[1], bytes, bytes.count) == bytes.count else {
            close(ends[0])
            throw ChildError.call("write", code: EMSGSIZE)
        }
        // As a program expects its standard input.
        _ = fcntl(ends[0], F_SETFL, fcntl(ends[0], F_GETFL) & ~O_NONBLOCK)
        return ends[0]
    }
}
