public import Foundation
import SQL

/// The size of the queue. Each number stops at `bound`, so that counting never costs more than that many rows.
public struct SiteCounts: Sendable, Equatable {
    public static let bound: Int64 = 10_000

    /// Ready to start.
    public var waiting: Int
    /// Claimed, on any host.
    public var running: Int
    /// Failed, waiting for a retry.
    public var retrying: Int
    /// Failed for good.
    public var failed: Int
}

/// Finds work. The conditions only use rows, never events: no order of writes loses a file.
extension Site {
    /// The newest and the oldest waiting files, newest first; files whose next attempt is in the
    /// future are left out.
    ///
    /// - Parameters:
    ///   - limit: for the newest and the oldest, video and audio each: however many wait, no more are read.
    ///   - since: skip older files, unless a job was started for them. A file counts as new if it, or
    ///     something that uses it, was created at `since` or later.
    public func waiting(limit: Int, since: Date? = nil) async throws -> [QueuedFile] {
        // One type at a time: only then does the index return them in the order of their IDs.
        let looks = [MediaType.video, .audio].map { type in
            let found = waitingQuery(since: since, where: "f.type = \(type.number)")
            return (
                newest: "\(found) ORDER BY f.id DESC LIMIT \(limit)" as Query,
                oldest: "\(found) ORDER BY f.id ASC LIMIT \(limit)" as Query
            )
        }
        let rows = try await database.read { session in
            try looks.flatMap { look in
                let newest = try session.query(look.newest)
                // If there are no more, the oldest are among them.
                return try newest.count < limit ? newest : newest + session.query(look.oldest)
            }
        }
        return waitingFiles(rows)
    }

    /// Seconds since the upload of the longest-waiting file; nil if none is waiting.
    public func longestWait(since: Date? = nil) async throws -> Double? {
        try await waiting(limit: 1, since: since).map(\.waited).max()
    }

    /// Those of the given files that are ready to start, newest first.
    func waiting(among files: Set<Int64>, since: Date? = nil) async throws -> [QueuedFile] {
        guard !files.isEmpty else { return [] }
        // Always the same number of values, padded with the last file: the server prepares one statement.
        let page = 50
        let ids = files.sorted(by: >)
        let looks = stride(from: 0, to: ids.count, by: page).map { start in
            let some = (start..<start + page).map { ids[min($0, ids.count - 1)] }
            return waitingQuery(since: since, where: "f.id IN (\(.list(some)))")
        }
        let rows = try await database.read { session in try looks.flatMap(session.query) }
        return waitingFiles(rows)
    }

    func waitingQuery(since: Date?, where condition: Query) -> Query {
        """
        SELECT \(schema.fileColumns), CASE WHEN \(schema.isMessage("f")) THEN 1 ELSE 0 END AS is_message \
        \(waitingSource(since: since)) AND \(condition) \
        AND (j.state IS NULL OR j.state <> 'waiting' OR \(schema.isDue("j.")))
        """
    }

    private func waitingFiles(_ rows: [SQLRow]) -> [QueuedFile] {
        let table = schema.prefix + "files"
        let files = readable(rows) { row throws(UnreadableValue) in
            let file = try MediaFile(row, table: table)
            return QueuedFile(
                file: file, waited: clock.seconds(since: file.createdAt), isMessage: row.bool("is_message") ?? false)
        }
        var seen: Set<Int64> = []
        return files.filter { seen.insert($0.file.id).inserted }.sorted { $0.file.id > $1.file.id }
    }

    /// The time of the earliest retry; nil if none is planned.
    public func nextRetry() async throws -> Date? {
        let sql: Query = """
            SELECT MIN(j.next_at) - \(schema.dialect.milliseconds) AS wait FROM \(schema.jobs) j WHERE j.state = 'waiting' \
            AND \(schema.isEarly("j.")) \
            AND EXISTS (SELECT 1 FROM \(schema.table("files")) f WHERE f.id = j.file_id AND f.transcoding_state = 1 \
            AND \(schema.isWorkable("f")))
            """
        // The database's clock may differ from ours: it returns the time to wait.
        let wait = try await database.read { session in try session.query(sql).first?.int("wait") }
        return wait.map { Date(timeIntervalSinceNow: Double($0) / 1000) }
    }

    /// All waiting files, without our own table, which may not exist yet: for `init`, not for a loop.
    public func backlog(since: Date? = nil) async throws -> Int {
        let sql: Query = """
            SELECT COUNT(*) AS files FROM \(schema.table("files")) f WHERE f.transcoding_state = 1 \
            AND \(schema.isWorkable("f")) AND \(schema.isAttached("f", since: since.map(clock.text)))
            """
        return Int(try await database.read { session in try session.query(sql).first?.int("files") ?? 0 })
    }

    /// - Parameter waiting: the number of waiting files, if known well enough: counting them reads all drafts.
    public func counts(since: Date? = nil, waiting known: Int? = nil) async throws -> SiteCounts {
        let waiting = bounded(
            "SELECT 1 \(waitingSource(since: since)) AND (j.state IS NULL OR j.state <> 'waiting' OR \(schema.isDue("j.")))\(isReadable)")
        let running = bounded("SELECT 1 FROM \(schema.jobs) j WHERE j.state IN ('running', 'publishing')")
        let retrying = bounded("SELECT 1 \(retryingSource)")
        let failed = bounded("SELECT 1 FROM \(schema.jobs) j WHERE j.state = 'failed'")
        return try await database.read { session in
            func count(_ sql: Query) throws -> Int { Int(try session.query(sql).first?.int("rows_found") ?? 0) }
            return SiteCounts(
                waiting: try known ?? count(waiting), running: try count(running), retrying: try count(retrying),
                failed: try count(failed))
        }
    }

    /// Unfinished files: in state 1, due or not, or in state 2 and claimed by a transcoder. Files that
    /// another program keeps in state 2 are not ours, and unreadable rows are not counted. Stops at `SiteCounts.bound`.
    public func unfinished(since: Date? = nil) async throws -> Int {
        let open = bounded("SELECT 1 \(waitingSource(since: since))\(isReadable)")
        let held = bounded(
            """
            SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.state IN ('running', 'publishing') AND f.transcoding_state = 2\(isReadable)
            """)
        return try await database.read { session in
            let waiting = try session.query(open).first?.int("rows_found") ?? 0
            let running = try session.query(held).first?.int("rows_found") ?? 0
            return Int(waiting + running)
        }
    }

    private func bounded(_ sql: Query) -> Query {
        "SELECT COUNT(*) AS rows_found FROM (\(sql) LIMIT \(SiteCounts.bound)) found"
    }

    /// `FROM … WHERE …` of the eligible files in state 1, joined with their jobs.
    func waitingSource(since: Date?) -> Query {
        // A waiting job was started under another `since`, or by hand: it is finished nevertheless.
        let attached: Query =
            since == nil
            ? schema.isAttached("f")
            : "(\(schema.isAttached("f", since: since.map(clock.text))) OR (j.state = 'waiting' AND \(schema.isAttached("f"))))"
        return """
            FROM \(schema.table("files")) f LEFT JOIN \(schema.jobs) j ON j.file_id = f.id \
            WHERE f.transcoding_state = 1 AND \(schema.isWorkable("f")) AND \(attached)
            """
    }
}
