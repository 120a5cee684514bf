import SQL

extension Site {
    /// Fires once at the start, and then when anyone has written to the site's database: soon after the commit if
    /// the database notifies (SQLite, PostgreSQL with our triggers), else as `ChangePoll` finds it. May end if the system
    /// cannot notify any more. Only a hint: the caller also polls. For one consumer at a time, which ends it by going away.
    ///
    /// - Parameters:
    ///   - poll: the longest pause between queries, if it has to poll.
    ///   - hints: signs of activity, to poll more often; without effect if the database notifies.
    public func wakeups(
        poll: @escaping @Sendable () -> Duration = { .seconds(5) }, hints: AsyncStream<Void> = AsyncStream { _ in }
    ) async -> AsyncStream<Void> {
        if case .sqlite(let path) = settings.database { return DatabaseWatch.signals(path: path) }
        if let database = watched.base as? PostgreSQLDatabase, (try? await hasTriggers()) == true {
            return database.notifications(on: WakeTriggers.channel(schema))
        }
        let look = ChangePoll(
            look: { [watched] in
                let changes = watched.schema.changes
                return try await watched.read { session in try session.query(changes).first?.values ?? [] }
            },
            longest: poll, hints: hints)
        return look.signals()
    }
}
