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
        ]
        if schema.hasConfigs { tables.append(("configs", [.select])) }
        if schema.messagesNameFiles { tables.append(("conversation_messages", [.select])) }
        if case .table(let name, _) = settings.cache { tables.append((name, [.select, .delete])) }
        return tables.map { NeededRight(table: schema.prefix + $0.0, verbs: $0.1) }
    }

    /// What is missing and what is too much, as the database itself says.
    public func rights() async throws -> RightsReport {
        switch schema.dialect {
        case .sqlite:
            switch settings.database {
            case .sqlite(let path): SQLiteRights.report(path: path)
            }
        // MariaDB: `MariaDBGrants(lines: SHOW GRANTS).report(…)`; PostgreSQL: `PostgreSQLRights.report(…)`.
        }
    }
}
