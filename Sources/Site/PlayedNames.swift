import SQL

extension SiteSchema {
    /// `SELECT 1` if any row names a file as its media, original or poster; the same name is passed
    /// `playedParameters` times. A row that is marked for physical deletion does not count.
    var played: String {
        let columns = playedColumns.map { "\($0) = ?" }.joined(separator: " OR ")
        let alive = files.contains("physical_deletion") ? " AND NOT \(flag("physical_deletion", of: "f"))" : ""
        return "SELECT 1 FROM \(table("files")) f WHERE (\(columns))\(alive)"
    }

    var playedParameters: Int { playedColumns.count }

    private var playedColumns: [String] { ["path", "original_path"] + (posterColumn.map { [$0] } ?? []) }

    /// - Parameter file: a row that does not count.
    func isPlayed(_ name: String, besides file: Int64? = nil, _ session: any SQLSession) throws -> Bool {
        let names = Array(repeating: SQLValue.text(name), count: playedParameters)
        guard let file else { return try !session.query(played, names).isEmpty }
        return try !session.query(played + " AND id <> ?", names + [.integer(file)]).isEmpty
    }
}
