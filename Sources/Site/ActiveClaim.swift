public import Jobs
import SQL

/// A file in somebody's hands.
public struct ActiveClaim: Sendable, Equatable {
    public var fileID: Int64
    /// Nil where the row names nobody that we understand.
    public var owner: Owner?
    /// Seconds since the claim ran out, by the database's clock; less than 0 while it holds.
    public var overdue: Double
}

extension Int64 {
    /// What lies between two moments, of which either may be any number.
    func difference(_ other: Int64) -> Int64 {
        let (result, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : result
    }
}

extension Site {
    /// All that are held, by whomever; none where our table is not there yet.
    public func holdings() async throws -> [ActiveClaim] {
        let sql = """
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
