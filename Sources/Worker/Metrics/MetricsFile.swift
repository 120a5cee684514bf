internal import Logging

/// The metrics as a file for node_exporter's textfile collector. It is replaced every ten seconds, and removed when the daemon
/// ends: what is not running any more has no numbers.
struct MetricsFile: Sendable {
    let path: String
    let metrics: @Sendable () -> Metrics
    let log: Logger

    /// Until it is cancelled.
    func keep() async {
        var isFailing = false
        repeat {
            do {
                try write()
                isFailing = false
            } catch {
                if !isFailing { log.error("metrics_file: \(error)") }
                isFailing = true
            }
        } while (try? await Task.sleep(for: .seconds(10))) != nil
    }

    func write() throws(ReplacementError) { try FileReplacement.write(Array(metrics().text.utf8), to: path) }

    func remove() { FileReplacement.remove(path) }
}
