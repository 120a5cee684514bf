import SQL

/// The state of the triggers that wake us.
public enum TriggerState: Sendable, Equatable {
    /// The database needs none (SQLite), or has none that can notify (MariaDB).
    case notKnown
    case absent
    /// Tables without one, or with a disabled one.
    case partial(missing: [String])
    /// Their function is missing, or differs from this program's.
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
