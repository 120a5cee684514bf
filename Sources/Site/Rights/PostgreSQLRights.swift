import SQL

/// The rights of the current user in PostgreSQL.
enum PostgreSQLRights {
    static func report(_ needed: [NeededRight], _ session: any SQLSession, _ dialect: SQLDialect) throws -> RightsReport {
        // Who bypasses all checks.
        let superuser: Query = "SELECT rolsuper AS allowed FROM pg_roles WHERE rolname = current_user"
        if try session.query(superuser).first?.bool("allowed") == true {
            return RightsReport(surplus: ["everything (this user is a superuser)"])
        }
        var report = RightsReport()
        for right in needed {
            let table = dialect.quoted(right.table)
            for verb in NeededRight.Verb.allCases {
                // NULL if there is no such table.
                let question: Query = "SELECT has_table_privilege(to_regclass(\(table))::oid, \(verb.rawValue)) AS allowed"
                guard let isThere = try session.query(question).first?.bool("allowed") else { continue }
                let isNeeded = right.verbs.contains(verb)
                if isNeeded, !isThere { report.missing.append("\(verb.rawValue) on \(right.table)") }
                if !isNeeded, isThere { report.surplus.append("\(verb.rawValue) on \(right.table)") }
            }
        }
        return report
    }
}
