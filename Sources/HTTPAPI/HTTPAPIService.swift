package import Logging
internal import Platform
internal import ServiceLifecycle
package import WorkerConfiguration

/// The daemon's HTTP service: opened at once, or as soon as an obstacle has passed, such as a port in use. Transcoding
/// continues meanwhile.
package struct HTTPAPIService: ServiceLifecycle.Service {
    private let opened: APIService?
    private let pause: Duration
    /// Nil: nothing to retry.
    private let open: (@Sendable () async throws -> APIService?)?

    /// Opens the configured sockets. Throws a `ConfigurationError` that names the key if the configuration must be fixed.
    package init(_ configuration: Configuration, notifications: NotificationHandler, view: ServiceView, log: Logger) async throws {
        try await self.init(log: log) {
            try await APIService.open(configuration, notifications: notifications, log: log) { try view.addRoutes(to: $0, configuration) }
        }
    }

    /// Throws what `open` throws if the configuration must be fixed.
    ///
    /// - Parameter pause: between two attempts.
    init(pause: Duration = .seconds(5), log: Logger, open: @escaping @Sendable () async throws -> APIService?) async throws {
        self.pause = pause
        do {
            opened = try await open()
            self.open = nil
        } catch let error where error is TransientError || error is ThreadError {
            log.error("\(error) It is retried until it succeeds; transcoding continues meanwhile.")
            opened = nil
            self.open = open
        }
    }

    /// Runs until told to end: abandons what is not open yet, and closes what is.
    package func run() async throws {
        let service = if let open { await cancelWhenGracefulShutdown { await retry(open) } } else { opened }
        try? await gracefulShutdown()
        await service?.close()
    }

    private func retry(_ open: () async throws -> APIService?) async -> APIService? {
        while (try? await Task.sleep(for: pause)) != nil {
            if let service = try? await open() { return service }
        }
        return nil
    }
}
