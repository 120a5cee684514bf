internal import Logging

/// Keeps the status file up to date: at most a second behind while anything changes, and a sign of life every ten.
struct StatusWriter: Sendable {
    let board: StatusBoard
    let file: StatusFile
    let log: Logger

    init(board: StatusBoard, file: StatusFile, log: Logger) {
        self.board = board
        self.file = file
        self.log = log
    }

    /// Until it is cancelled.
    func run() async {
        var written = -1
        var failing = false
        var ticks = 0
        repeat {
            let revision = board.revision
            if revision != written || ticks % 10 == 0 {
                do {
                    try file.write(board.status())
                    written = revision
                    failing = false
                } catch {
                    if !failing { log.error("\(error)") }
                    failing = true
                }
            }
            ticks += 1
        } while await pause()
    }

    /// The last word.
    func end() {
        do {
            try file.write(board.status())
        } catch {
            log.error("\(error)")
        }
        file.end()
    }

    private func pause() async -> Bool {
        do {
            try await Task.sleep(for: .seconds(1))
            return true
        } catch {
            return false
        }
    }
}
