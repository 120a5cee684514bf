public import Foundation
import SQL

/// Whether what went wrong goes on.
extension Site {
    /// Whether files still fail with a code: one waits for its next attempt or has failed with it since the moment, or the file that was
    /// last seen to fail is not through yet.
    ///
    /// - Parameter moment: by the database's clock.
    public func hasFailing(code: String, since moment: Date, last fileID: Int64?) async throws -> Bool {
        // The first one failed a moment before that was noted.
        let milliseconds = Int64(moment.timeIntervalSince1970 * 1000) - 60_000
        let failing: Query = """
            SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.code = \(code) \
            AND j.state IN ('waiting', 'failed') AND f.transcoding_state IN (1, 4) AND j.updated_at >= \(milliseconds) AND \(schema.isAlive("f")) LIMIT 1
            """
        let unfinished: Query? = fileID.map {
            """
            SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.file_id = \($0) \
            AND (f.transcoding_state IN (1, 2) OR (f.transcoding_state = 4 AND j.code = \(code))) AND j.state <> 'done' AND \(schema.isAlive("f"))
            """
        }
        return try await database.read { session in
            for look in [failing, unfinished].compactMap(\.self) where try !session.query(look).isEmpty { return true }
            return false
        }
    }
}
