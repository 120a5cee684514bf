import Jobs
import SQL
internal import Verdicts

/// Queries of files by their storage folder.
extension Site {
    /// How many files wait in a folder, or below it. Stops at `SiteCounts.bound`.
    ///
    /// - Parameter folder: relative to the storage's root, without a trailing slash; empty: everything.
    public func countWaiting(beneath folder: String) async throws -> Int {
        let sql: Query = """
            SELECT COUNT(*) AS files FROM (SELECT 1 \(waitingSource(since: nil))\(Self.lies(in: folder)) \
            LIMIT \(SiteCounts.bound)) found
            """
        return Int(try await database.read { session in try session.query(sql).first?.int("files") ?? 0 })
    }

    /// Makes files there due now that wait for a retry because of a fault of the machine.
    ///
    /// - Returns: their number.
    @discardableResult
    public func recall(beneath folder: String) async throws -> Int {
        let sql: Query = """
            UPDATE \(schema.jobs) SET next_at = NULL WHERE state = 'waiting' AND code = \(Verdict.Code.hostFault.rawValue) AND file_id IN \
            (SELECT f.id FROM \(schema.table("files")) f WHERE f.transcoding_state = 1\(Self.lies(in: folder)))
            """
        return try await database.write { session in try session.execute(sql) }
    }

    /// Fails all files waiting there: the administrator says that the folder is gone for good.
    ///
    /// - Returns: these files.
    public func giveUp(beneath folder: String) async throws -> [Int64] {
        let verdict = Verdict(.missing, detail: "Its folder was removed.")
        var (given, last): ([Int64], Int64) = ([], 0)
        while true {
            let sql: Query = """
                SELECT f.id AS id \(waitingSource(since: nil))\(Self.lies(in: folder)) AND f.id > \(last) ORDER BY f.id LIMIT 200
                """
            let files = try await database.read { session in try session.query(sql).compactMap { $0.int("id") } }
            guard let end = files.last else { return given }
            last = end
            for file in files {
                do {
                    if case .obeyed = try await giveUp(file, verdict) { given.append(file) }
                } catch let error as UnreadableValue {
                    note(error)
                }
            }
        }
    }

    /// Not LIKE, whose wildcards may occur in a path, nor a range, which depends on the collation.
    private static func lies(in folder: String) -> Query {
        folder.isEmpty ? "" : " AND SUBSTR(f.path, 1, \(folder.unicodeScalars.count + 1)) = \(folder + "/")"
    }
}
