import SQL

extension SiteSchema {
    /// `SELECT 1` for each row that names a file as its media, original or poster. A row that is marked for physical deletion
    /// does not count.
    func plays(_ name: String) -> Query {
        let columns = ["path", "original_path"] + (posterColumn.map { [$0] } ?? [])
        let isNamed = columns.map { "\(sql: $0) = \(name)" as Query }.joined(separator: " OR ")
        let isKept: Query = files.contains("physical_deletion") ? " AND NOT \(flag("physical_deletion", of: "f"))" : ""
        return "SELECT 1 FROM \(table("files")) f WHERE (\(isNamed))\(isKept)"
    }

    /// - Parameter file: a row that does not count.
    func isPlayed(_ name: String, besides file: Int64? = nil, _ session: any SQLSession) throws -> Bool {
        try !session.query("\(plays(name))\(file.map { " AND id <> \($0)" } ?? "")").isEmpty
    }
}
