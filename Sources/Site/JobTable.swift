import SQL

/// Our only table beside Fresns' own: for what `files` has no columns. One row per file, never deleted, so that its token only increases.
///
/// Times are milliseconds since 1970 by the database's clock. Columns are only ever added: an older program must
/// work beside a newer one.
enum JobTable {
    static let name = "transcoder_jobs"

    static func columns(_ dialect: SQLDialect) -> [(name: String, type: Query)] { [
        ("file_id", "BIGINT NOT NULL PRIMARY KEY"),
        ("state", "VARCHAR(16) NOT NULL DEFAULT 'waiting'"),
        ("token", "BIGINT NOT NULL DEFAULT 0"),
        ("owner", "VARCHAR(255)"),
        ("leased_until", "BIGINT"),
        ("attempts", "INTEGER NOT NULL DEFAULT 0"),
        ("losses", "INTEGER NOT NULL DEFAULT 0"),
        ("code", "VARCHAR(32)"),
        ("reason", "VARCHAR(255)"),
        ("detail", dialect.longText),
        ("next_at", "BIGINT"),
        ("source_path", "VARCHAR(255)"),
        // Published by the last success: ours to remove once replaced.
        ("output_path", "VARCHAR(255)"),
        ("poster_path", "VARCHAR(255)"),
        // JSON: every name under which an attempt may have left a file.
        ("work_names", dialect.longText),
        ("claimed_at", "BIGINT"),
        ("finished_at", "BIGINT"),
        ("updated_at", "BIGINT"),
        // The last success's source and recipe: an identical source need not be transcoded again.
        ("source_sha", "VARCHAR(64)"),
        ("source_size", "BIGINT"),
        ("recipe", "VARCHAR(64)"),
        // When the file's row was first found to be gone.
        ("gone_at", "BIGINT"),
        // When the site's cached details must be deleted; NULL if they are.
        ("forget_cache", "BIGINT"),
        // Which store has the paths; NULL for the disk.
        ("store", "VARCHAR(16)"),
    ] }

    /// The statements that migrate a database; empty if there is nothing to do.
    static func statements(for schema: SiteSchema, existing: [SQLColumn]?) -> [Query] {
        let dialect = schema.dialect
        guard let existing else {
            let definitions = columns(dialect).map { "\(dialect.name($0.name)) \($0.type)" as Query }.joined(separator: ", ")
            return ["CREATE TABLE IF NOT EXISTS \(schema.jobs) (\(definitions))\(dialect.tableOptions)"]
        }
        let names = Set(existing.map(\.name))
        return columns(dialect).filter { !names.contains($0.name) }.map {
            "ALTER TABLE \(schema.jobs) ADD COLUMN \(dialect.name($0.name)) \($0.type)"
        }
    }

    /// Creates the table, its columns and indexes if they are missing. Returns the statements that were needed, in order.
    static func prepare(_ schema: SiteSchema, _ database: any SQLDatabase, dryRun: Bool = false) async throws -> [Query] {
        var statements = Self.statements(for: schema, existing: try await database.columns(of: schema.prefix + name))
        if !dryRun {
            do {
                for statement in statements { try await database.define(statement) }
            } catch let error as SQLError where !error.isTransient {
                // Another worker may have been faster: on a server, both find it missing.
                let existing = try await database.columns(of: schema.prefix + name)
                guard Self.statements(for: schema, existing: existing).isEmpty else { throw error }
            }
        }
        let present = try await database.indexes()
        for index in indexes(for: schema) where !present.contains(index.name) {
            if !dryRun {
                do {
                    try await database.define(index.sql)
                } catch let error as SQLError where !error.isTransient {
                    continue  // Without the right to make an index everything works, slower.
                }
            }
            statements.append(index.sql)
        }
        return statements
    }

    /// Indexes for fast queries. Everything works without them, but slower. MySQL has no IF NOT EXISTS for an index: the
    /// caller checks before.
    static func indexes(for schema: SiteSchema) -> [(name: String, sql: Query)] {
        let dialect = schema.dialect
        func index(_ name: String, on table: String, _ columns: Query, where condition: Query?) -> (String, Query) {
            let full = schema.prefix + name
            let end = condition.map(dialect.partialIndex(where:)) ?? ""
            return (full, "CREATE INDEX \(dialect.name(full)) ON \(schema.table(table)) (\(columns))\(end)")
        }
        var indexes = [
            index(
                "transcoder_files_waiting", on: "files", "transcoding_state, type, id",
                where: "transcoding_state = 1 AND type IN (2, 3)"),
            index("transcoder_jobs_state", on: name, "state, next_at", where: nil),
            // Without partial indexes, one that begins with the column serves, too.
            index(
                "transcoder_jobs_names", on: name, dialect == .mariadb ? "work_names(1)" : "file_id",
                where: "work_names IS NOT NULL"),
            index("transcoder_jobs_forget", on: name, "forget_cache", where: "forget_cache IS NOT NULL"),
            index("transcoder_jobs_finished", on: name, "state, finished_at", where: nil),
            index("transcoder_jobs_source", on: name, "source_size, recipe", where: "source_size IS NOT NULL"),
            index("transcoder_files_original", on: "files", "original_path", where: "original_path IS NOT NULL"),
        ]
        if let poster = schema.posterColumn.map(Query.init(sql:)) {
            indexes.append(index("transcoder_files_poster", on: "files", poster, where: "\(poster) IS NOT NULL"))
        }
        if schema.messagesNameFiles {
            indexes.append(
                index(
                    "transcoder_message_files", on: "conversation_messages", "message_file_id",
                    where: "message_file_id IS NOT NULL"))
        }
        return indexes
    }
}
