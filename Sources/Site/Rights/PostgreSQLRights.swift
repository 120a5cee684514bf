import SQL

/// The rights of the current user in PostgreSQL.
enum PostgreSQLRights {
    /// One query per table and verb, answered by the column `allowed`: NULL if there is no such table.
    static let question = "SELECT has_table_privilege(to_regclass(?)::oid, ?) AS allowed"
    /// Whether the user bypasses all checks; column `allowed`.
    static let superuser = "SELECT rolsuper AS allowed FROM pg_roles WHERE rolname = current_user"

    static func report(_ needed: [NeededRight], _ session: any SQLSession, _ dialect: SQLDialect) throws -> RightsReport {
        if try session.query(superuser, []).first?.bool("allowed") == true {
            return RightsReport(surplus: ["everything (this user is a superuser)"])
        }
        var report = RightsReport()
        for right in needed {
            for verb in NeededRight.Verb.allCases {
                let arguments: [SQLValue] = [.text(dialect.name(right.table)), .text(verb.rawValue)]
                guard let isThere = try session.query(question, arguments).first?.bool("allowed") else { continue }
                let isNeeded = right.verbs.contains(verb)
                if isNeeded, !isThere { report.missing.append("\(verb.rawValue) on \(right.table)") }
                if !isNeeded, isThere { report.surplus.append("\(verb.rawValue) on \(right.table)") }
            }
        }
        return report
    }
}
