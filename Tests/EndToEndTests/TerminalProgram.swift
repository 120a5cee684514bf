import Foundation
import SiteFixture
import Synchronization

/// A program on a pseudo-terminal, started by a shell: typed to, resized, and looked at as a person would.
final class TerminalProgram: Sendable {
    private let terminal: Int32
    private let written = Written()
    private let size: Mutex<(columns: Int, rows: Int)>
    private let program: Program
    private let processFile = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/transcoder-pid-\(UUID())"

    private final class Written: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// The shell says “ended N” after it, as `$?` has it.
    init(_ command: [String], columns: Int, rows: Int) throws {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // What unlockpt and ptsname do, which Swift does not see: TIOCSPTLCK and TIOCGPTN.
        var (locked, number): (Int32, UInt32) = (0, 0)
        guard terminal >= 0, ioctl(terminal, 0x4004_5431, &locked) == 0, ioctl(terminal, 0x8004_5430, &number) == 0 else {
            throw FixtureError("there is no pseudo-terminal: \(String(cString: strerror(errno)))")
        }
        let name = "/dev/pts/\(number)"
        self.terminal = terminal
        size = Mutex((columns, rows))
        Self.set(terminal, columns, rows)
        // The shell survives what is typed at the program.
        let words = (["exec"] + command.map { "'\($0)'" }).joined(separator: " ")
        let shell = "trap : INT QUIT TERM; (sh -c 'echo $PPID' >'\(processFile)'; \(words)); echo \"ended $?\""
        program = try Program(
            "sh", ["-c", "exec setsid --ctty --wait sh -c \"$LINE\" <'\(name)' >'\(name)' 2>&1"], environment: ["LINE": shell, "TERM": "xterm"])
        let written = written
        Thread.detachNewThread {
            var part = [UInt8](repeating: 0, count: 1 << 14)
            while true {
                let count = read(terminal, &part, part.count)
                let code = errno
                if count > 0 { written.bytes.withLock { $0 += part[..<count] } }
                // EIO: nobody has it open, yet or any more.
                if count == 0 || count < 0 && code != EINTR && code != EIO { return }
                if count < 0 { usleep(2000) }
            }
        }
    }

    /// With what a person types: `\u{3}` is Ctrl-C.
    func type(_ text: String) {
        let text = Array(text.utf8)
        _ = write(terminal, text, text.count)
    }

    func resize(columns: Int, rows: Int) {
        size.withLock { $0 = (columns, rows) }
        Self.set(terminal, columns, rows)
    }

    func signal(_ signal: Int32) throws {
        let text = try String(contentsOfFile: processFile, encoding: .utf8)
        guard let process = Int32(text.prefix { !$0.isNewline }) else { throw FixtureError("no process: \(text)") }
        kill(process, signal)
    }

    /// All that was written, as it was.
    var output: String { String(decoding: written.bytes.withLock(\.self), as: UTF8.self) }

    /// What the terminal shows now: of the second screen, its last picture.
    var screen: TerminalScreen {
        let (columns, rows) = size.withLock(\.self)
        let text = output
        guard let start = text.range(of: "\u{1B}[?1049h", options: .backwards), !text[start.upperBound...].contains("\u{1B}[?1049l"),
            let picture = text[start.upperBound...].range(of: "\u{1B}[H", options: .backwards)
        else { return TerminalScreen(text, columns: columns, rows: rows) }
        return TerminalScreen("\u{1B}[?1049h" + text[picture.lowerBound...], columns: columns, rows: rows)
    }

    /// Waits for the line's end, and returns all that was shown on the first screen.
    func end() async throws -> TerminalScreen {
        try await until("it has ended") { screen.first.contains { $0.hasPrefix("ended ") } }
        _ = await program.result()
        try? FileManager.default.removeItem(atPath: processFile)
        return screen
    }

    /// For a test that failed: nothing goes on.
    func hangUp() {
        type("\u{3}")
        type("\u{1C}")
        program.signal(SIGTERM)
    }

    private static func set(_ terminal: Int32, _ columns: Int, _ rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
}
