internal import Logging
internal import ServiceLifecycle

/// Services that start in order, and stop in reverse: each is told to when the one after it has ended.
struct OrderedServices {
    private let group: ServiceGroup

    init(_ services: [any ServiceLifecycle.Service], log: Logger) {
        let services = services.map {
            ServiceGroupConfiguration.ServiceConfiguration(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup, failureTerminationBehavior: .gracefullyShutdownGroup)
        }
        group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: log))
    }

    /// Runs until one ends or fails, or a stop is requested: then all stop, and the first failure is thrown.
    ///
    /// - Parameter hurry: called at the second stop, and at each after it.
    func run(stops: AsyncStream<Void>, hurry: @escaping @Sendable () -> Void) async throws {
        let stopping = Task { [group] in
            var isFirst = true
            for await _ in stops {
                if isFirst { await group.triggerGracefulShutdown() } else { hurry() }
                isFirst = false
            }
        }
        defer { stopping.cancel() }
        try await group.run()
    }
}
