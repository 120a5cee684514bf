public import Jobs
import SQL

/// A claimed file.
public struct ActiveClaim: Sendable, Equatable {
    public var fileID: Int64
    /// Nil if the row's owner is empty or cannot be parsed.
    public var owner: Owner?
    /// Seconds since the claim expired, by the database's clock; negative while it is valid.
    public var overdue: Double
}

extension Int64 {
    /// The difference of two times, without overflow.
    func difference(_ other: Int64) -> Int64 {
        let (result, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : result
    }
}

extension Site {
    /// All claims, of every worker; empty if our table does not exist yet.
    public func claimRows() async throws -> [ActiveClaim] {
        let sql: Query = """
            SELECT file_id, owner, leased_until, \(schema.dialect.milliseconds) AS moment FROM \(schema.jobs) \
            WHERE state IN ('running', 'publishing') ORDER BY file_id
            """
        do {
            let rows = try await database.read { session in try session.query(sql) }
            return readable(rows) { row throws(UnreadableValue) in
                let row = StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id")
                let (moment, until) = (try row.whole("moment") ?? 0, try row.whole("leased_until") ?? 0)
                return ActiveClaim(
                    fileID: try row.id(), owner: try row.text("owner").flatMap(Owner.init(text:)),
                    overdue: Double(moment.difference(until)) / 1000)
            }
        } catch let error as SQLError where error.code == .noTable {
            return []
        }
    }
}
