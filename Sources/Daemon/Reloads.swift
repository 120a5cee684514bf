package import Logging
public import WorkerConfiguration

/// How a running daemon is told to reload its configuration, and how it does.
public struct Reloads: Sendable {
    package let requests: AsyncStream<Void>
    package let load: @Sendable () throws -> Configuration.Loaded

    /// - Parameter load: an error it throws is logged, and the old configuration stays.
    public init(_ requests: AsyncStream<Void>, load: @escaping @Sendable () throws -> Configuration.Loaded) {
        self.requests = requests
        self.load = load
    }

    /// Never.
    public static var none: Reloads {
        Reloads(AsyncStream { _ in }) { Configuration.Loaded(configuration: Configuration(), warnings: []) }
    }

    /// The new configuration; nil if it is invalid.
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
