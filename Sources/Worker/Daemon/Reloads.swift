internal import Logging

/// How a running daemon is told to read its configuration anew, and how that is read.
public struct Reloads: Sendable {
    let requests: AsyncStream<Void>
    let load: @Sendable () throws -> Configuration.Loaded

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
    func configuration(after old: Configuration, log: Logger) -> Configuration? {
        do {
            let loaded = try load()
            for warning in loaded.warnings { log.warning("\(warning)") }
            let (new, ignored) = old.updated(by: loaded.configuration)
            if !ignored.isEmpty {
                log.warning("\(ignored.joined(separator: ", ")): what is new there holds after a restart.")
            }
            log.notice("The configuration is read anew: jobs that are running end by the old one.")
            return new
        } catch {
            log.error("The configuration stays as it was, for what is new in it cannot be used: \(error)")
            return nil
        }
    }
}

extension Configuration {
    /// Keys of what is opened and locked in once, at the start.
    static let keysOfStart: Set<String> = [
        "site", "scratch", "status_file", "media_program", "sandbox", "log_level", "socket", "http.listen", "http.token_file",
        "http.token", "http.metrics", "http.dashboard", "metrics_file", "log", "database.user", "database.password_file", "database.password",
    ]

    /// A newer configuration, as far as it can hold without a restart.
    ///
    /// - Returns: also the keys whose new values have to wait, in the order of the documentation.
    func updated(by new: Configuration) -> (configuration: Configuration, ignored: [String]) {
        var merged = new
        let ignored = ConfigurationKeys.all.filter { key in
            guard Self.keysOfStart.contains(key.name), !key.isSame(in: self, and: new) else { return false }
            key.copy(from: self, to: &merged)
            return true
        }
        return (merged, ignored.map(\.name))
    }
}
