internal import ServiceLifecycle

/// Acts on each event until it is told to end. A source that ends by itself ends no service: the loop also polls.
struct EventForwarder: ServiceLifecycle.Service {
    let events: @Sendable () async -> AsyncStream<Void>
    let act: @Sendable () -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await events() { act() }
        }
        try? await gracefulShutdown()
    }
}
