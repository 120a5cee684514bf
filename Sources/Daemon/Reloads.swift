package import Logging
public import WorkerConfiguration

/// How a running daemon is told to read its configuration anew, and how that is read.
public struct Reloads: Sendable {
    package let requests: AsyncStream<Void>
    package let load: @Sendable () throws -> Configuration.Loaded

    /// - Parameter load: what it throws is said in the log, and the configuration stays as it is.
    public init(_ requests: AsyncStream<Void>, load: @escaping @Sendable () throws -> Configuration.Loaded) {
        self.requests = requests
        self.load = load
    }

    /// Never.
    public static var none: Reloads {
        Reloads(AsyncStream { _ in }) { Configuration.Loaded(configuration: Configuration(), warnings: []) }
    }

    /// What is to hold from now on; nil where what was read cannot be used.
    package func configuration(after old: Configuration, log: Logger) -> Configuration? {
        do {
            let loaded = try load()
            for warning in loaded.warnings { log.warning("\(warning)") }
            let (new, ignored) = old.updated(by: loaded.configuration)
            if !ignored.isEmpty {
                log.warning("\(ignored.joined(separator: ", ")): the new values take effect after a restart.")
            }
            log.notice("The configuration is reloaded; running jobs keep the old one.")
            return new
        } catch {
            log.error("The new configuration is invalid; the old one stays in effect: \(error)")
            return nil
        }
    }
}
