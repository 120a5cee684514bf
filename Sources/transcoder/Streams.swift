internal import CLinux
internal import Foundation
internal import Glibc
internal import MediaWire

/// Results go to standard output, words for people to standard error.
enum Streams {
    /// To be called before anything else: memory is kept together, a reader that goes away ends a write and not the program, and no file of ours is
    /// opened under the number of a stream that was closed.
    static func prepare() {
        clinux_one_heap()
        // Memory will hold the site's passwords.
        clinux_forbid_dumps()
        // Only root may raise thread priorities; for other users, libdispatch would fill the journal with warnings.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        signal(SIGPIPE, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// For people. File names and media program output may be in it, and must not reach the terminal as control sequences.
    static func print(_ text: String) { print(Data((PlainText.lines(text) + "\n").utf8)) }

    /// A result that cannot be delivered is a failure.
    static func print(_ data: Data) {
        guard let code = write(data, to: STDOUT_FILENO) else { return }
        if code != EPIPE { complain("The result could not be written: \(String(cString: strerror(code))).") }
        exit(1)
    }

    /// A failed write is ignored: the work goes on.
    static func complain(_ text: String) { _ = write(Data((PlainText.lines(text) + "\n").utf8), to: STDERR_FILENO) }

    /// - Parameter isOptional: nothing is said, or not all of it, where a socket takes no more just now.
    static func complain(_ text: String, unlessItBlocks isOptional: Bool) {
        let bytes = Array((PlainText.lines(text) + "\n").utf8)
        let sent = isOptional ? send(STDERR_FILENO, bytes, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)) : -1
        if sent < 0, !isOptional || errno == ENOTSOCK { complain(text) }
    }

    /// Without an end of line.
    static func draw(_ text: String) { _ = write(Data(text.utf8), to: STDERR_FILENO) }

    /// The failed call's errno, or nil.
    private static func write(_ data: Data, to descriptor: CInt) -> CInt? {
        data.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                if count < 0 { return errno }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Of the terminal on standard output, in columns; nil where there is none.
    static var width: Int? {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Documented JSON: keys in snake_case and in order.
    static func json(_ value: some Encodable, pretty: Bool = true) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
