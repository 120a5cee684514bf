import Logging
import ServiceLifecycle
import Synchronization
import Testing
@testable import Daemon

/// The order in which the parts of a daemon end.
@Suite struct OrderedServicesTests {
    private struct Failure: Error {}

    private final class Notes: Sendable {
        let ended = Mutex<[String]>([])
    }

    private let notes = Notes()
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func lasting(_ name: String) -> ClosureService {
        ClosureService { [notes] in
            try? await gracefulShutdown()
            notes.ended.withLock { $0.append(name) }
        }
    }

    private func run(
        _ services: [any ServiceLifecycle.Service], stops: AsyncStream<Void>, hurry: @escaping @Sendable () -> Void = {}
    ) async throws {
        try await OrderedServices(services, log: log).run(stops: stops, hurry: hurry)
    }

    @Test func theFirstFailureEndsAllInReverse() async throws {
        let failing = ClosureService { throw Failure() }
        await #expect(throws: Failure.self) {
            try await run([lasting("status"), lasting("changes"), failing, lasting("loop")], stops: AsyncStream { _ in })
        }
        #expect(notes.ended.withLock { $0 } == ["loop", "changes", "status"])
    }

    @Test func theLoopsEndEndsTheOthers() async throws {
        try await run([lasting("status"), lasting("changes"), ClosureService {}], stops: AsyncStream { _ in })
        #expect(notes.ended.withLock { $0 } == ["changes", "status"])
    }

    /// A listener whose source ends by itself goes on: nothing else stops for it.
    @Test func aStopEndsThemInReverseAndTheSecondHurries() async throws {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let (hurries, hurry) = AsyncStream.makeStream(of: Void.self)
        let listener = EventForwarder { AsyncStream { $0.finish() } } act: {}
        let loop = ClosureService { [notes] in
            stop.yield()
            try? await gracefulShutdown()
            #expect(notes.ended.withLock { $0 } == [], "the others last longer")
            stop.yield()
            for await _ in hurries { break }
            notes.ended.withLock { $0.append("loop") }
        }
        try await run([lasting("status"), listener, loop], stops: stops) { hurry.yield() }
        #expect(notes.ended.withLock { $0 } == ["loop", "status"])
    }
}
