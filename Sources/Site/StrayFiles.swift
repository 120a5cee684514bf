internal import Foundation
import SQL

/// Files that are running in the site's table, though no transcoder holds them: after a restore, or left by another program.
extension Site {
    /// Seconds without a change after which one counts as left: another program may be working on it.
    public static let strayAge = 300.0

    /// Their ids; empty if our table does not exist yet.
    public func strays(limit: Int) async throws -> [Int64] {
        let changed: Query = schema.files.contains("updated_at") ? ", f.updated_at AS changed" : ""
        let sql: Query = """
            SELECT f.id AS id\(changed) FROM \(schema.table("files")) f LEFT JOIN \(schema.jobs) j ON j.file_id = f.id \
            WHERE f.transcoding_state = 2 AND \(schema.isWorkable("f")) AND (j.state IS NULL OR j.state NOT IN ('running', 'publishing')) \
            ORDER BY f.id LIMIT \(limit)
            """
        do {
            let rows = try await database.read { session in try session.query(sql) }
            return rows.compactMap { row in
                let age = row.text("changed").flatMap(clock.moment).map { clock.now.timeIntervalSince($0) }
                return (0..<Self.strayAge).contains(age ?? .infinity) ? nil : row.int("id")
            }
        } catch let error as SQLError where error.code == .noTable {
            return []
        }
    }
}
