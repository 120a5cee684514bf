internal import Synchronization

/// Incidents on their way to the outbox. Jobs add them from any task; the notifier takes them.
package final class PendingIncidents: Sendable {
    private let incidents = Mutex<[Incident]>([])
    private let signal: AsyncStream<Void>.Continuation
    let signals: AsyncStream<Void>
    /// While the database is away, more say nothing new.
    private static let most = 100

    package init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func add(_ incident: Incident) {
        incidents.withLock { if $0.count < Self.most { $0.append(incident) } }
        signal.yield()
    }

    /// A file is done: something may be over.
    package func hint() { signal.yield() }

    func take() -> [Incident] {
        incidents.withLock { incidents in
            defer { incidents = [] }
            return incidents
        }
    }

    /// They could not be written: later again, before newer ones.
    func putBack(_ older: [Incident]) {
        incidents.withLock { $0 = Array((older + $0).prefix(Self.most)) }
    }
}
