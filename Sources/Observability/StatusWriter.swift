package import Logging
package import Platform
internal import ServiceLifecycle

/// Keeps the status file up to date: at most a second behind while anything changes, and at least every ten seconds.
package struct StatusWriter: ServiceLifecycle.Service {
    let board: StatusBoard
    let file: StatusFile
    /// A disk may be slow.
    let thread: BlockingThread
    let log: Logger

    package init(board: StatusBoard, file: StatusFile, thread: BlockingThread, log: Logger) {
        self.board = board
        self.file = file
        self.thread = thread
        self.log = log
    }

    /// Runs until told to end; the last status says that the daemon has stopped.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await keep() }
        board.set(state: .stopped)
        await end()
    }

    private func keep() async {
        var written = -1
        var failing = false
        var ticks = 0
        repeat {
            let revision = board.revision
            if revision != written || ticks % 10 == 0 {
                do {
                    let (file, status) = (file, board.status())
                    try await thread.run { try file.write(status) }
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

    private func end() async {
        let (file, status) = (file, board.status())
        do {
            try await thread.run { try file.write(status) }
        } catch {
            log.error("\(error)")
        }
        await thread.run { file.end() }
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
