internal import CLinux
internal import Foundation
internal import Glibc
internal import MediaWire

/// Results go to standard output, messages to standard error.
enum StandardStreams {
    /// To be called first: keeps one malloc arena, makes a closed pipe a write error instead of a fatal signal, and ensures that no file gets
    /// the descriptor of a closed standard stream.
    static func prepare() {
        clinux_one_heap()
        // Memory will hold the site's passwords.
        clinux_forbid_dumps()
        // Only root may raise thread priorities; for other users, libdispatch would fill the journal with warnings.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        signal(SIGPIPE, SIG_IGN)
        // Swift's runtime would print where the program is, and let it go on.
        signal(SIGQUIT, SIG_DFL)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// For people. File names and media program output may be in it, and must not reach the terminal as control sequences.
    static func print(_ text: String) { print(Data((PlainText.lines(text) + "\n").utf8)) }

    /// A result that cannot be written is a failure.
    static func print(_ data: Data) {
        guard let code = write(data, to: STDOUT_FILENO) else { return }
        if code != EPIPE { complain("The result could not be written: \(String(cString: strerror(code))).") }
        exit(1)
    }

    /// As it is, on standard output: for a screen.
    static func paint(_ text: String) { print(Data(text.utf8)) }

    /// A failed write is ignored: the work goes on.
    static func complain(_ text: String) { _ = write(Data((PlainText.lines(text) + "\n").utf8), to: STDERR_FILENO) }

    /// - Parameter isOptional: the message is dropped, or cut, if a socket would block.
    static func complain(_ text: String, unlessItBlocks isOptional: Bool) {
        let bytes = Array((PlainText.lines(text) + "\n").utf8)
        let sent = isOptional ? send(STDERR_FILENO, bytes, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)) : -1
        if sent < 0, !isOptional || errno == ENOTSOCK { complain(text) }
    }

    /// Without a newline.
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

    /// The width of the terminal on standard output in columns; nil if there is none.
    static var width: Int? {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
    }

    /// Documented JSON: snake_case keys, sorted.
    static func json(_ value: some Encodable, pretty: Bool = true) throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value) + Data("\n".utf8)
    }
}
