import SQL

/// A permanently required right of the database user to one table; `init` needs more, once.
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

    public init(table: String, verbs: [Verb]) {
        self.table = table
        self.verbs = verbs
    }
}

/// Missing and surplus rights, each as in `UPDATE on fs_files`.
public struct RightsReport: Sendable, Equatable {
    public var missing: [String]
    public var surplus: [String]

    public init(missing: [String] = [], surplus: [String] = []) {
        self.missing = missing
        self.surplus = surplus
    }
}

extension Site {
    /// What this program's statements do, table by table.
    public var neededRights: [NeededRight] {
        var tables: [(String, [NeededRight.Verb])] = [
            ("files", [.select, .update]),
            ("file_usages", [.select]),
            (JobTable.name, NeededRight.Verb.allCases),
            // Also if the table is not visible: MariaDB hides tables from users without rights.
            ("configs", [.select]), ("conversation_messages", [.select]), ("posts", [.select]), ("comments", [.select]),
        ]
        if case .table(let name, _) = settings.cache { tables.append((name, [.select, .delete])) }
        return tables.map { NeededRight(table: schema.prefix + $0.0, verbs: $0.1) }
    }

    /// The missing and surplus rights, according to the database.
    ///
    /// - Parameter more: needed beside `neededRights`.
    public func rights(beside more: [NeededRight] = []) async throws -> RightsReport {
        let (needed, dialect) = (neededRights + more, schema.dialect)
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
