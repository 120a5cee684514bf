import SQL

/// Triggers by which PostgreSQL tells us of changes, at the moment of their commit. Never in the application's way: a failure
/// within is swallowed, nothing is written, and what they tell nobody needs to hear.
enum WakeTriggers {
    /// Of each trigger. One that is there is left alone, for changing it would take a lock: another definition takes another name.
    static let name = "transcoder_wake"

    /// A trigger of one table.
    struct Trigger {
        let table: String
        let sql: String
    }

    /// A name's length is limited to 63 bytes; two sites that come to the same one only wake each other.
    static func channel(_ schema: SiteSchema) -> String {
        var name = "transcoder_\(schema.prefix)files"
        while name.utf8.count > 63 { name.removeLast() }
        return name
    }

    static func function(_ schema: SiteSchema) -> String { schema.prefix + name }

    /// The function's text, as the database keeps it.
    static func body(_ schema: SiteSchema) -> String {
        let channel = channel(schema).replacing("'", with: "''")
        return """
             BEGIN PERFORM pg_catalog.pg_notify('\(channel)', ''); RETURN NULL; \
            EXCEPTION WHEN OTHERS THEN RETURN NULL; END 
            """
    }

    static func functionStatement(_ schema: SiteSchema) -> String {
        """
        CREATE OR REPLACE FUNCTION \(schema.dialect.name(function(schema)))() RETURNS trigger LANGUAGE plpgsql \
        AS $transcoder$\(body(schema))$transcoder$
        """
    }

    static func triggers(_ schema: SiteSchema) -> [Trigger] {
        func trigger(_ table: String, _ events: String, _ rows: String) -> Trigger {
            Trigger(
                table: schema.prefix + table,
                sql: """
                    CREATE TRIGGER \(name) AFTER \(events) ON \(schema.table(table)) \(rows) \
                    EXECUTE FUNCTION \(schema.dialect.name(function(schema)))()
                    """)
        }
        let once = "FOR EACH STATEMENT"
        // Only what makes a file ours, or not.
        let columns = ["type", "path", "transcoding_state", schema.enabledColumn, "deleted_at", "physical_deletion", "is_uploaded"]
            .filter(schema.files.contains).joined(separator: ", ")
        var triggers = [
            trigger("files", "INSERT OR UPDATE OF \(columns)", once),
            trigger("file_usages", "INSERT OR UPDATE", once),
            // Raised whenever a job changes hands, by retry and cancel too; never by progress.
            trigger(JobTable.name, "UPDATE OF token", once),
        ]
        if schema.messagesNameFiles {
            // Most messages are text, and many: they are not to wake anybody.
            triggers.append(
                trigger(
                    "conversation_messages", "INSERT OR UPDATE OF message_file_id, deleted_at",
                    "FOR EACH ROW WHEN (NEW.message_file_id IS NOT NULL)"))
        }
        return triggers
    }

    static func removal(_ schema: SiteSchema) -> [String] {
        triggers(schema).map { "DROP TRIGGER IF EXISTS \(name) ON \(schema.dialect.name($0.table))" }
            + ["DROP FUNCTION IF EXISTS \(schema.dialect.name(function(schema)))()"]
    }
}

/// What became of the triggers.
public enum TriggerOutcome: Sendable, Equatable {
    /// The database needs none (SQLite), or knows none that tell (MariaDB).
    case notKnown
    /// The statements that were needed, in order; none: all is as it should be.
    case done([String])
    /// Without them everything works, by polling. Why, as a sentence.
    case refused(String)

    public var statements: [String] { if case .done(let statements) = self { statements } else { [] } }
}

extension Site {
    /// Installs what is missing of the triggers that wake us. Our table must be there, unless it is a dry run.
    ///
    /// - Parameter dryRun: only tell what would be done.
    public func installTriggers(dryRun: Bool = false) async throws -> TriggerOutcome {
        guard schema.dialect == .postgresql else { return .notKnown }
        let present = try await tablesWithTriggers()
        var statements = WakeTriggers.triggers(schema).filter { !present.contains($0.table) }.map(\.sql)
        if try await functionBody() != WakeTriggers.body(schema) {
            statements.insert(WakeTriggers.functionStatement(schema), at: 0)
        }
        return try await apply(statements, dryRun: dryRun)
    }

    /// Takes them away again, with their function.
    public func removeTriggers(dryRun: Bool = false) async throws -> TriggerOutcome {
        guard schema.dialect == .postgresql else { return .notKnown }
        let isAny = try await !tablesWithTriggers().isEmpty
        let isThere = try await functionBody() != nil
        return try await apply(isAny || isThere ? WakeTriggers.removal(schema) : [], dryRun: dryRun)
    }

    /// Whether the database tells of every change that matters.
    public func hasTriggers() async throws -> Bool {
        guard schema.dialect == .postgresql else { return false }
        return try await tablesWithTriggers().isSuperset(of: WakeTriggers.triggers(schema).map(\.table))
    }

    private func apply(_ statements: [String], dryRun: Bool) async throws -> TriggerOutcome {
        guard !dryRun, !statements.isEmpty else { return .done(statements) }
        do {
            try await database.write { session in
                // Whoever waits for a table's lock has all later writers of it wait behind: the application's.
                try session.execute("SET LOCAL lock_timeout = '2s'")
                for statement in statements { try session.execute(statement) }
            }
            return .done(statements)
        } catch let error as SQLError where error.code != .gone && error.code != .unknownOutcome {
            return .refused(error.description)
        }
    }

    func tablesWithTriggers() async throws -> Set<String> {
        let sql = """
            SELECT c.relname AS name FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
            WHERE t.tgname = ? AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_catalog.pg_table_is_visible(c.oid)
            """
        let rows = try await database.read { session in try session.query(sql, [.text(WakeTriggers.name)]) }
        return Set(rows.compactMap { $0.text("name") })
    }

    func functionBody() async throws -> String? {
        let sql = """
            SELECT p.prosrc AS body FROM pg_catalog.pg_proc p \
            WHERE p.proname = ? AND p.pronargs = 0 AND pg_catalog.pg_function_is_visible(p.oid)
            """
        let name = WakeTriggers.function(schema)
        return try await database.read { session in try session.query(sql, [.text(name)]).first?.text("body") }
    }
}
