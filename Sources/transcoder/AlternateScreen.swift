internal import Glibc

/// The terminal's second screen, for a picture that is drawn again and again. The first one comes back however the work ends.
enum AlternateScreen {
    struct Size {
        var columns: Int
        var rows: Int
    }

    /// Draws at intervals and when the size changes, until a signal ends the program or the picture throws.
    ///
    /// - Parameter picture: at most so many lines of so many columns.
    static func show(every interval: Duration, _ picture: (Size) throws -> [String]) async throws {
        let (moments, moment) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let clock = Task {
            while !Task.isCancelled {
                moment.yield()
                try? await Task.sleep(for: interval)
            }
        }
        let sizes = await Signals.resizes()
        let resizes = Task { for await _ in sizes { moment.yield() } }
        defer {
            clock.cancel()
            resizes.cancel()
            StandardStreams.paint("\u{1B}[?25h\u{1B}[?1049l")
        }
        // Trapped before the screen changes: no signal leaves it as it is.
        try await Signals.guarding(stop: { moment.finish() }) {
            StandardStreams.paint("\u{1B}[?1049h\u{1B}[?25l")
            for await _ in moments { draw(try picture(size)) }
        }
    }

    private static func draw(_ lines: [String]) {
        // Each line is cleared before it is written: after a full one the cursor still is on its last column.
        let text = lines.map { "\u{1B}[K\($0)" }.joined(separator: "\r\n")
        StandardStreams.paint("\u{1B}[H\(text)" + (lines.count < size.rows ? "\r\n\u{1B}[J" : ""))
    }

    private static var size: Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return Size(columns: 80, rows: 24) }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
