import SQL

/// What the database's user must be allowed to do to one table, always; what `init` needs once comes on top.
public struct NeededRight: Sendable, Equatable {
    public enum Verb: String, Sendable, CaseIterable {
        case select = "SELECT"
        case insert = "INSERT"
        case update = "UPDATE"
        case delete = "DELETE"
    }

    /// With its prefix, not quoted.
    public var table: String
    public var verbs: [Verb]
}

/// What of it is missing, and what there is beyond it; each as in `UPDATE on fs_files`.
public struct RightsReport: Sendable, Equatable {
    public var missing: [String]
    public var surplus: [String]

    public init(missing: [String] = [], surplus: [String] = []) {
        self.missing = missing
        self.surplus = surplus
    }
}

extension Site {
    /// What the statements of this program do, table by table.
    public var neededRights: [NeededRight] {
        var tables: [(String, [NeededRight.Verb])] = [
            ("files", [.select, .update]),
            ("file_usages", [.select]),
            (JobTable.name, NeededRight.Verb.allCases),
            // Not only where they are seen: MariaDB hides a table from whoever has no right to it.
            ("configs", [.select]), ("conversation_messages", [.select]), ("posts", [.select]), ("comments", [.select]),
        ]
        if case .table(let name, _) = settings.cache { tables.append((name, [.select, .delete])) }
        return tables.map { NeededRight(table: schema.prefix + $0.0, verbs: $0.1) }
    }

    /// What is missing and what is too much, as the database itself says.
    public func rights() async throws -> RightsReport {
        let (needed, dialect) = (neededRights, schema.dialect)
        switch settings.database {
        case .sqlite(let path):
            return SQLiteRights.report(path: path)
        case .mariadb(let server):
            let rows = try await database.read { session in try session.query("SHOW GRANTS") }
            let grants = MariaDBGrants(lines: rows.compactMap { row in row.columns.first.flatMap { row.text($0) } })
            return grants.report(needed, database: server.database)
        case .postgresql:
            return try await database.read { session in try PostgreSQLRights.report(needed, session, dialect) }
        }
    }
}
