public import Foundation
import SQL

/// A finished or failed job, for the history.
public struct FinishedJob: Sendable, Equatable {
    public var fileID: Int64
    public var fid: String
    /// As uploaded.
    public var name: String
    public var type: MediaType
    /// Done; otherwise failed.
    public var isDone: Bool
    public var code: String?
    public var reason: String?
    /// Of a failed one: the failed call with its path, owner and error.
    public var detail: String?
    public var finishedAt: Date
    /// From the last claim to the end.
    public var seconds: Double?
    /// Duration of the media, in whole seconds.
    public var duration: Int64?
    /// Bytes before and after, if known.
    public var sourceSize: Int64?
    public var size: Int64?
    public var hasPoster: Bool
}

/// How many jobs ended within a time span.
public struct FinishedSpan: Sendable, Equatable {
    public var start: Date
    public var done = 0
    public var failed = 0
}

/// Queries of finished jobs, cheap enough for a page that refreshes.
extension Site {
    /// The latest done and failed jobs, the last first.
    public func finished(limit: Int) async throws -> [FinishedJob] {
        let poster: Query = schema.posterColumn.map { "f.\(sql: $0)" } ?? "NULL"
        let durations = [MediaType.video, .audio].flatMap(schema.durationColumns)
        let duration: Query = "COALESCE(\(Set(durations).sorted().map { "f.\(sql: $0), " }.joined(separator: ""))NULL, NULL)"
        let columns: Query = """
            f.id AS id, f.fid AS fid, f.name AS name, f.type AS type, f.size AS size, \(duration) AS seconds, \
            CASE WHEN j.poster_path IS NOT NULL AND j.poster_path = \(poster) THEN 1 ELSE 0 END AS has_poster, \
            j.code AS code, j.reason AS reason, j.detail AS detail, j.source_size AS source_size, j.claimed_at AS claimed_at, j.finished_at AS finished_at
            """
        func sql(_ state: Query, _ number: TranscodingState) -> Query {
            """
            SELECT \(columns) FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.state = '\(state)' AND j.finished_at IS NOT NULL AND f.transcoding_state = \(number.rawValue) \
            AND \(schema.isAlive("f")) ORDER BY j.finished_at DESC LIMIT \(limit)
            """
        }
        let statements = [(true, sql("done", .done)), (false, sql("failed", .failed))]
        let found = try await database.read { session in
            try statements.map { isDone, sql in (isDone, try session.query(sql)) }
        }
        let jobs = found.flatMap { isDone, rows in
            readable(rows) { row throws(UnreadableValue) in
                try FinishedJob(file: strict(row, of: "files"), job: strict(row, of: JobTable.name), isDone: isDone)
            }
        }
        return Array(jobs.sorted { $0.finishedAt > $1.finishedAt }.prefix(limit))
    }

    /// How many jobs ended in each of the last spans, the oldest first and the current one last. Uses one index.
    public func finished(spans: Int, of length: Duration) async throws -> [FinishedSpan] {
        let milliseconds = Int64(length / .milliseconds(1))
        let now = schema.dialect.milliseconds
        let start: Query = "(\(now) - \(now) % \(milliseconds) - \(Int64(spans - 1) * milliseconds))"
        let sql: Query = """
            SELECT j.state AS state, j.finished_at - j.finished_at % \(milliseconds) AS slot, COUNT(*) AS jobs FROM \(schema.jobs) j \
            WHERE j.state IN ('done', 'failed') AND j.finished_at >= \(start) GROUP BY j.state, slot
            """
        let (first, rows) = try await database.read { session in
            let first = try session.query("SELECT \(start) AS start").first?.int("start") ?? 0
            return (first, try session.query(sql))
        }
        var all = (0..<spans).map { FinishedSpan(start: Date(timeIntervalSince1970: Double(first + Int64($0) * milliseconds) / 1000)) }
        for row in rows {
            guard let slot = row.int("slot"), let count = row.int("jobs") else { continue }
            let index = Int(slot.difference(first) / milliseconds)
            guard all.indices.contains(index) else { continue }
            if row.text("state") == "done" { all[index].done = Int(clamping: count) } else { all[index].failed = Int(count) }
        }
        return all
    }

    /// The poster that our job published and that the file's row still names; nil if there is none.
    public func publishedPoster(of fileID: Int64) async throws -> String? {
        guard let poster = schema.posterColumn else { return nil }
        let sql: Query = """
            SELECT j.poster_path AS path FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.file_id = \(fileID) AND j.state = 'done' AND f.transcoding_state = 3 AND f.\(sql: poster) = j.poster_path \
            AND \(schema.isAlive("f"))
            """
        return try await database.read { session in try session.query(sql).first?.text("path") }
    }
}

extension FinishedJob {
    /// Throws, with its location, for a value that neither transcoder nor Fresns writes.
    fileprivate init(file: StrictRow, job: StrictRow, isDone: Bool) throws(UnreadableValue) {
        guard let finished = try job.whole("finished_at") else { throw job.failure("finished_at") }
        guard let type = try file.whole("type") else { throw file.failure("type") }
        self.init(
            fileID: try file.id(), fid: try file.text("fid") ?? "", name: try file.text("name") ?? "",
            type: MediaType(number: type), isDone: isDone, code: try job.text("code"), reason: try job.text("reason"),
            detail: isDone ? nil : try job.text("detail"),
            finishedAt: Date(milliseconds: finished),
            seconds: try job.whole("claimed_at").map { Double(max(0, finished.difference($0))) / 1000 },
            duration: try file.whole("seconds"), sourceSize: try job.whole("source_size", in: 0 ... .max), size: try file.whole("size"),
            hasPoster: try job.flag("has_poster") ?? false)
    }
}
