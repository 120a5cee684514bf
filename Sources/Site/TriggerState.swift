import SQL

/// How far the triggers that wake us are there.
public enum TriggerState: Sendable, Equatable {
    /// The database needs none (SQLite), or knows none that tell (MariaDB).
    case notKnown
    case absent
    /// Tables that have none, or one that is switched off.
    case partial(missing: [String])
    /// The function that they call is gone, or is not this program's.
    case foreign(function: String)
    case present
}

extension Site {
    public func triggerState() async throws -> TriggerState {
        guard schema.dialect == .postgresql else { return .notKnown }
        let present = try await tablesWithTriggers()
        let tables = WakeTriggers.triggers(schema).map(\.table)
        let missing = tables.filter { !present.contains($0) }
        if missing.count == tables.count { return .absent }
        guard missing.isEmpty else { return .partial(missing: missing) }
        let isOurs = try await functionBody() == WakeTriggers.body(schema)
        return isOurs ? .present : .foreign(function: WakeTriggers.function(schema))
    }
}
