import SQL

extension Site {
    /// Fires once when begun, and then when the site's database has been written to, by whomever: soon after the commit where
    /// the database tells (SQLite, PostgreSQL with our triggers), else as `ChangePoll` finds it. May end where the system
    /// cannot tell any more. A hint only, to be polled behind: for one consumer at a time, which ends it by going away.
    ///
    /// - Parameters:
    ///   - poll: the longest pause between looks, where it has to look.
    ///   - hints: somebody says that something happens, for it to look more often; of no use where the database tells.
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
