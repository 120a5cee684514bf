import SQL

/// Looks for changes where no database tells of them, in the rhythm of what happens.
struct ChangePoll: Sendable {
    /// A cheap look: what it gives differs once something has changed.
    let look: @Sendable () async throws -> [SQLValue]
    /// Asked before each pause: it may be configured anew.
    let longest: @Sendable () -> Duration
    /// Somebody says that something happens: then it is looked at once, and often for a while.
    let hints: AsyncStream<Void>
    /// When something last happened, before there was anybody to see it.
    var quietSince = ContinuousClock.now

    private enum Event { case hint, time }

    /// Fires once when begun, for what happened before, and then with each change. Ends when the consumer is gone.
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
        // Two are enough: whatever is dropped beside them says nothing new.
        let (events, inbox) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(2))
        let hinting = Task { [hints] in for await _ in hints { inbox.yield(.hint) } }
        defer { hinting.cancel() }
        var iterator = events.makeAsyncIterator()
        var rhythm = PollSchedule(since: quietSince)
        // Before the first ring: what comes after this look is told, what came before is found by whoever hears the ring.
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
            // None: we are cancelled.
            guard let event else { return }
            if event == .hint { rhythm.stir(at: .now) }
            // Out of reach: the pauses grow as if all were quiet.
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
    /// One row that differs once a file, a usage or a message is new, an upload that was announced has come, or a person has retried or cancelled a job; each part is
    /// a few steps in an index. Some changes do not show in it (a file that is enabled again): a slower look stands behind it.
    var changes: String {
        // The sum of the newest, and not the newest alone: a transaction with a lower id may be committed after one with a
        // higher one.
        func newest(_ table: String) -> String {
            "(SELECT SUM(id) FROM (SELECT id FROM \(self.table(table)) ORDER BY id DESC LIMIT 50) n)"
        }
        var parts = [
            newest("files"), newest("file_usages"),
            "(SELECT MAX(finished_at) FROM \(jobs) WHERE state = 'failed')",
            "(SELECT COUNT(*) FROM (SELECT 1 FROM \(jobs) WHERE state = 'waiting' AND next_at IS NULL LIMIT 100) w)",
        ]
        if messagesNameFiles { parts.append(newest("conversation_messages")) }
        if let announcedSum { parts.append(announcedSum) }
        return "SELECT " + parts.enumerated().map { "\($1) AS c\($0)" }.joined(separator: ", ")
    }
}
