import SQL

/// Polls for changes if the database cannot notify, as often as there is activity.
struct ChangePoll: Sendable {
    /// A cheap query whose result differs once something has changed.
    let look: @Sendable () async throws -> [SQLValue]
    /// Called before each pause: a reload may change it.
    let longest: @Sendable () -> Duration
    /// Hints of activity: poll at once, and often for a while.
    let hints: AsyncStream<Void>
    /// The last activity before the start.
    var quietSince = ContinuousClock.now

    private enum Event { case hint, time }

    /// Fires once at the start, for earlier changes, and then at each change. Ends when the consumer is gone.
    func signals() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            await run { continuation.yield() }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func run(_ signal: () -> Void) async {
        // Two are enough: dropped ones add nothing.
        let (events, inbox) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(2))
        let hinting = Task { [hints] in for await _ in hints { inbox.yield(.hint) } }
        defer { hinting.cancel() }
        var iterator = events.makeAsyncIterator()
        var rhythm = PollSchedule(since: quietSince)
        // Before the first signal: later changes are signalled, and the consumer finds earlier ones after the signal.
        var seen = try? await look()
        signal()
        while true {
            let pause = rhythm.pause(at: .now, longest: longest())
            let timer = Task {
                try await Task.sleep(for: pause)
                inbox.yield(.time)
            }
            let event = await iterator.next()
            timer.cancel()
            // None: cancelled.
            guard let event else { return }
            if event == .hint { rhythm.stir(at: .now) }
            // Unreachable: the pauses grow as if nothing happened.
            guard let found = try? await look() else { continue }
            if found != seen {
                rhythm.stir(at: .now)
                signal()
            }
            seen = found
        }
    }
}

extension SiteSchema {
    /// One row that differs after a new file, usage or message, after an announced upload arrives, or after a manual retry or cancel; each part is
    /// a few steps in an index. Some changes do not show in it (a file is enabled again): a slower full scan finds them.
    var changes: Query {
        // The sum of the newest IDs, not just the newest: a transaction with a lower ID may commit after one with a
        // higher ID.
        func newest(_ table: String) -> Query {
            "(SELECT SUM(id) FROM (SELECT id FROM \(self.table(table)) ORDER BY id DESC LIMIT 50) n)"
        }
        var parts: [Query] = [
            newest("files"), newest("file_usages"),
            "(SELECT MAX(finished_at) FROM \(jobs) WHERE state = 'failed')",
            "(SELECT COUNT(*) FROM (SELECT 1 FROM \(jobs) WHERE state = 'waiting' AND next_at IS NULL LIMIT 100) w)",
        ]
        if messagesNameFiles { parts.append(newest("conversation_messages")) }
        if let announcedSum { parts.append(announcedSum) }
        return "SELECT \(parts.enumerated().map { "\($1) AS c\(sql: String($0))" }.joined(separator: ", "))"
    }
}
