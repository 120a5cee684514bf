import SQL

/// Triggers with which PostgreSQL notifies us of changes, at commit. They never disturb the application: errors
/// inside are swallowed, nothing is written, and an unheard notification does no harm.
enum WakeTriggers {
    /// The name of each trigger. An existing trigger is never altered, because that needs a lock: a new definition gets a new name.
    static let name = "transcoder_wake"

    /// A trigger of one table.
    struct Trigger {
        let table: String
        let sql: Query
    }

    /// Identifiers are limited to 63 bytes; two sites with the same one only wake each other.
    static func channel(_ schema: SiteSchema) -> String {
        var name = "transcoder_\(schema.prefix)files"
        while name.utf8.count > 63 { name.removeLast() }
        return name
    }

    static func function(_ schema: SiteSchema) -> String { schema.prefix + name }

    /// The function's body, as the database stores it.
    static func body(_ schema: SiteSchema) -> String {
        let channel = channel(schema).replacing("'", with: "''")
        return """
             BEGIN PERFORM pg_catalog.pg_notify('\(channel)', ''); RETURN NULL; \
            EXCEPTION WHEN OTHERS THEN RETURN NULL; END 
            """
    }

    static func functionStatement(_ schema: SiteSchema) -> Query {
        """
        CREATE OR REPLACE FUNCTION \(schema.dialect.name(function(schema)))() RETURNS trigger LANGUAGE plpgsql \
        AS $transcoder$\(sql: body(schema))$transcoder$
        """
    }

    static func triggers(_ schema: SiteSchema) -> [Trigger] {
        func trigger(_ table: String, _ events: Query, _ rows: Query) -> Trigger {
            Trigger(
                table: schema.prefix + table,
                sql: """
                    CREATE TRIGGER \(sql: name) AFTER \(events) ON \(schema.table(table)) \(rows) \
                    EXECUTE FUNCTION \(schema.dialect.name(function(schema)))()
                    """)
        }
        let once: Query = "FOR EACH STATEMENT"
        // Only columns that decide whether a file is ours.
        let columns = ["type", "path", "transcoding_state", schema.enabledColumn, "deleted_at", "physical_deletion", "is_uploaded"]
            .filter(schema.files.contains).joined(separator: ", ")
        var triggers = [
            trigger("files", "INSERT OR UPDATE OF \(sql: columns)", once),
            trigger("file_usages", "INSERT OR UPDATE", once),
            // Changes whenever a job changes its owner, also by retry and cancel; never with progress.
            trigger(JobTable.name, "UPDATE OF token", once),
        ]
        if schema.messagesNameFiles {
            // Most messages are text, and there are many: they must not wake anybody.
            triggers.append(
                trigger(
                    "conversation_messages", "INSERT OR UPDATE OF message_file_id, deleted_at",
                    "FOR EACH ROW WHEN (NEW.message_file_id IS NOT NULL)"))
        }
        return triggers
    }

    static func removal(_ schema: SiteSchema) -> [Query] {
        triggers(schema).map { "DROP TRIGGER IF EXISTS \(sql: name) ON \(schema.dialect.name($0.table))" }
            + ["DROP FUNCTION IF EXISTS \(schema.dialect.name(function(schema)))()"]
    }
}

/// The result of installing or removing the triggers.
public enum TriggerOutcome: Sendable, Equatable {
    /// The database needs none (SQLite), or has none that can notify (MariaDB).
    case notKnown
    /// The statements that were needed, in order; empty: nothing to do.
    case done([String])
    /// Without triggers, everything works by polling. The reason, as a sentence.
    case refused(String)

    public var statements: [String] { if case .done(let statements) = self { statements } else { [] } }
}

extension Site {
    /// Installs the missing triggers that wake us. Our table must exist, unless it is a dry run.
    ///
    /// - Parameter dryRun: only return what would be done.
    public func installTriggers(dryRun: Bool = false) async throws -> TriggerOutcome {
        guard schema.dialect == .postgresql else { return .notKnown }
        let present = try await tablesWithTriggers()
        var statements = WakeTriggers.triggers(schema).filter { !present.contains($0.table) }.map(\.sql)
        if try await functionBody() != WakeTriggers.body(schema) {
            statements.insert(WakeTriggers.functionStatement(schema), at: 0)
        }
        return try await apply(statements, dryRun: dryRun)
    }

    /// Removes them, with their function.
    public func removeTriggers(dryRun: Bool = false) async throws -> TriggerOutcome {
        guard schema.dialect == .postgresql else { return .notKnown }
        let isAny = try await !tablesWithTriggers().isEmpty
        let isThere = try await functionBody() != nil
        return try await apply(isAny || isThere ? WakeTriggers.removal(schema) : [], dryRun: dryRun)
    }

    /// Whether the database notifies of every relevant change.
    public func hasTriggers() async throws -> Bool {
        guard schema.dialect == .postgresql else { return false }
        return try await tablesWithTriggers().isSuperset(of: WakeTriggers.triggers(schema).map(\.table))
    }

    private func apply(_ statements: [Query], dryRun: Bool) async throws -> TriggerOutcome {
        let texts = statements.map { $0.text(for: .postgresql) }
        guard !dryRun, !statements.isEmpty else { return .done(texts) }
        do {
            try await database.write { session in
                // A session that waits for a table lock blocks all later writers: the application.
                try session.execute("SET LOCAL lock_timeout = '2s'")
                for statement in statements { try session.execute(statement) }
            }
            return .done(texts)
        } catch let error as SQLError where error.code != .gone && error.code != .unknownOutcome {
            return .refused(error.description)
        }
    }

    func tablesWithTriggers() async throws -> Set<String> {
        let sql: Query = """
            SELECT c.relname AS name FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid \
            WHERE t.tgname = \(WakeTriggers.name) AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_catalog.pg_table_is_visible(c.oid)
            """
        let rows = try await database.read { session in try session.query(sql) }
        return Set(rows.compactMap { $0.text("name") })
    }

    func functionBody() async throws -> String? {
        let sql: Query = """
            SELECT p.prosrc AS body FROM pg_catalog.pg_proc p \
            WHERE p.proname = \(WakeTriggers.function(schema)) AND p.pronargs = 0 AND pg_catalog.pg_function_is_visible(p.oid)
            """
        return try await database.read { session in try session.query(sql).first?.text("body") }
    }
}
