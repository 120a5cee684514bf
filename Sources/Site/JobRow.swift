public import Foundation
public import Jobs
import SQL

/// A row of `transcoder_jobs`, for people and for the writes that need to know it.
public struct JobRow: Sendable, Equatable {
    public var fileID: Int64
    public var state: JobState
    public var token: Int64
    /// Who holds it, while it is held.
    public var owner: Owner?
    /// By the database's clock.
    public var leasedUntil: Date?
    /// Tries that ended with a verdict.
    public var attempts: Int
    /// Claims that were lost with their daemon.
    public var losses: Int
    /// Of the last verdict; kept as text, for a newer program may know more codes.
    public var code: String?
    public var reason: String?
    public var detail: String?
    /// Not to be tried before.
    public var nextAt: Date?
    public var sourcePath: String?
    /// What the last success published.
    public var outputPath: String?
    public var posterPath: String?
    public var claimedAt: Date?
    public var finishedAt: Date?
    /// Whether `nextAt` was still to come when the row was read, by the database's clock.
    var isEarly: Bool
    /// What tries may have left behind.
    var names: RecordedNames
}

extension JobRow {
    private static func columns(_ schema: SiteSchema) -> String {
        """
        file_id, state, token, owner, leased_until, attempts, losses, code, reason, detail, next_at, source_path, \
        output_path, poster_path, work_names, claimed_at, finished_at, \
        CASE WHEN next_at > \(schema.dialect.milliseconds) THEN 1 ELSE 0 END AS early
        """
    }

    /// Reads a row, and locks it where the transaction goes on to write.
    static func read(_ fileID: Int64, _ session: any SQLSession, _ schema: SiteSchema) throws -> JobRow? {
        try session.query(
            "SELECT \(columns(schema)) FROM \(schema.jobs) WHERE file_id = ?\(schema.dialect.rowLock)", [.integer(fileID)]
        ).first.map(JobRow.init(row:))
    }

    static func query(_ schema: SiteSchema, where condition: String) -> String {
        "SELECT \(columns(schema)) FROM \(schema.jobs) WHERE \(condition)"
    }

    init(row: SQLRow) {
        func moment(_ name: String) -> Date? {
            row.int(name).map { Date(timeIntervalSince1970: Double($0) / 1000) }
        }
        self.init(
            fileID: row.int("file_id") ?? 0,
            state: row.text("state").flatMap(JobState.init) ?? .waiting,
            token: row.int("token") ?? 0,
            owner: row.text("owner").flatMap(Owner.init(text:)),
            leasedUntil: moment("leased_until"),
            attempts: Int(row.int("attempts") ?? 0),
            losses: Int(row.int("losses") ?? 0),
            code: row.text("code"), reason: row.text("reason"), detail: row.text("detail"),
            nextAt: moment("next_at"),
            sourcePath: row.text("source_path"), outputPath: row.text("output_path"), posterPath: row.text("poster_path"),
            claimedAt: moment("claimed_at"), finishedAt: moment("finished_at"),
            isEarly: row.bool("early") ?? false,
            names: RecordedNames(json: row.text("work_names")))
    }
}

extension Site {
    /// The job of a file; nil where none was ever begun.
    public func job(of fileID: Int64) async throws -> JobRow? {
        let schema = schema
        let sql = JobRow.query(schema, where: "file_id = ?")
        return try await database.read { session in
            try session.query(sql, [.integer(fileID)]).first.map(JobRow.init(row:))
        }
    }

    /// Jobs in one state, the last touched first.
    public func jobs(in state: JobState, limit: Int) async throws -> [JobRow] {
        let sql = JobRow.query(schema, where: "state = ? ORDER BY updated_at DESC, file_id DESC LIMIT ?")
        return try await database.read { session in
            try session.query(sql, [.text(state.rawValue), .int(limit)]).map(JobRow.init(row:))
        }
    }
}
