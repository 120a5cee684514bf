package import Logging
package import Platform
internal import ServiceLifecycle

/// The metrics as a file for node_exporter's textfile collector. Replaced every ten seconds, and removed when the daemon
/// stops: a stopped daemon has no metrics.
package struct MetricsFile: ServiceLifecycle.Service {
    let path: String
    let metrics: @Sendable () -> Metrics
    /// A disk may be slow.
    let thread: BlockingThread
    let log: Logger

    package init(path: String, metrics: @escaping @Sendable () -> Metrics, thread: BlockingThread, log: Logger) {
        self.path = path
        self.metrics = metrics
        self.thread = thread
        self.log = log
    }

    /// Runs until told to end.
    package func run() async throws {
        await cancelWhenGracefulShutdown { await keep() }
        await remove()
    }

    private func keep() async {
        var isFailing = false
        repeat {
            do {
                try await write()
                isFailing = false
            } catch {
                if !isFailing { log.error("metrics_file: \(error)") }
                isFailing = true
            }
        } while (try? await Task.sleep(for: .seconds(10))) != nil
    }

    /// Throws a `ReplacementError`.
    func write() async throws {
        let (text, path) = (metrics().text, path)
        // Readable for node_exporter's user: it contains numbers, but no names.
        try await thread.run { try FileReplacement.write(Array(text.utf8), to: path, mode: 0o644) }
    }

    func remove() async { await thread.run { [path] in FileReplacement.remove(path) } }
}
