public import Jobs
import SQL

extension Site {
    /// The claims that are no longer valid: cancelled or taken over (the token), or with a row that was
    /// deleted, disabled or replaced. A query without locks: `renew` then decides, and resets what must be reset.
    public func doubtful(among claims: [Claim]) async throws -> [Claim] {
        guard !claims.isEmpty else { return [] }
        let sql: Query = """
            SELECT j.file_id AS file_id, j.token AS token, f.path AS path FROM \(schema.jobs) j \
            JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.file_id IN (\(.list(claims.map(\.fileID)))) \
            AND j.state IN ('running', 'publishing') AND f.transcoding_state = 2 AND \(schema.isWorkable("f"))
            """
        let rows = try await database.read { session in try session.query(sql) }
        return claims.filter { claim in
            !rows.contains {
                $0.int("file_id") == claim.fileID && $0.int("token") == claim.token && $0.text("path") == claim.path
            }
        }
    }
}
