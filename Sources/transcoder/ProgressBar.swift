internal import Foundation
internal import Glibc
internal import MediaWire
internal import Observability
internal import Platform
internal import Synchronization
internal import WorkerConfiguration

/// One line on a terminal that is redrawn. Draws nothing if there is no terminal.
final class ProgressBar: Sendable {
    struct Reading: Sendable {
        var label: String
        var phase: String
        var percent: Double?
        var speed: Double?
        /// As "0:12".
        var left: String?
    }

    private let reading: @Sendable () -> Reading?
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter reading: the progress, called several times per second; nil draws nothing.
    init(_ reading: @escaping @Sendable () -> Reading?) {
        self.reading = reading
    }

    func start() {
        guard StandardStreams.errorIsTerminal else { return }
        let reading = reading
        task.withLock { task in
            task = Task {
                while !Task.isCancelled {
                    if let reading = reading() { StandardStreams.draw("\r\(Self.line(reading, width: Self.width()))\u{1B}[K") }
                    try? await Task.sleep(for: .milliseconds(150))
                }
            }
        }
    }

    /// Draws the last state and leaves the line.
    func stop() async {
        guard let running = task.withLock({ $0 }) else { return }
        running.cancel()
        await running.value
        StandardStreams.draw("\r\u{1B}[K")
    }

    static func line(_ reading: Reading, width: Int) -> String {
        var tail = " \(reading.phase)"
        if let percent = reading.percent { tail += String(format: " %5.1f %%", percent) }
        if let speed = reading.speed { tail += String(format: "  %.1f×", speed) }
        if let left = reading.left { tail += "  \(left) left" }
        let label = PlainText.line(reading.label).fitting(terminalWidth: max(8, width / 3))
        let room = width - label.terminalWidth - tail.count - 4
        guard room >= 10, let percent = reading.percent else { return (label + tail).fitting(terminalWidth: width - 1) }
        let cells = min(room, 40)
        let full = Int((percent / 100 * Double(cells)).rounded(.down))
        return "\(label) [" + String(repeating: "#", count: full) + String(repeating: "·", count: cells - full) + "]\(tail)"
    }

    static func width() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }
}

extension JobPhase {
    /// For people: a file is written while its index is moved to the front, and when its bytes go to the disk.
    var activity: String { [.finishing, .publishing].contains(self) ? "writing" : rawValue }
}

extension JobProgress {
    func reading(label: String) -> ProgressBar.Reading {
        ProgressBar.Reading(
            label: label, phase: phase.activity, percent: percent, speed: speed,
            left: secondsLeft.map { Quantity.clock(seconds: $0) })
    }
}
