public import Foundation
public import Jobs
import SQL
internal import Verdicts

/// A row of `transcoder_jobs`, for people and for the writes that need it.
public struct JobRow: Sendable, Equatable {
    public var fileID: Int64
    public var state: JobState
    public var token: Int64
    /// Its owner, while claimed.
    public var owner: Owner?
    /// By the database's clock.
    public var leasedUntil: Date?
    /// Attempts that ended with a verdict.
    public var attempts: Int
    /// Claims that were lost with their daemon.
    public var losses: Int
    /// From the last verdict; kept as text, because a newer program may have more codes.
    public var code: String?
    public var reason: String?
    public var detail: String?
    /// Not to be retried before.
    public var nextAt: Date?
    /// Which has the paths.
    public var store: FileStore
    public var sourcePath: String?
    /// Published by the last success.
    public var outputPath: String?
    public var posterPath: String?
    public var claimedAt: Date?
    public var finishedAt: Date?
    /// Failed by hand.
    public var isCancelled: Bool { state == .failed && code == Verdict.Code.cancelled.rawValue }
    /// Whether `nextAt` was in the future when the row was read, by the database's clock.
    var isEarly: Bool
    /// What attempts may have left behind.
    var names: RecordedNames
}

extension JobRow {
    private static func columns(_ schema: SiteSchema) -> Query {
        """
        file_id, state, token, owner, leased_until, attempts, losses, code, reason, detail, next_at, source_path, \
        output_path, poster_path, work_names, claimed_at, finished_at, store, \
        CASE WHEN \(schema.isEarly("")) THEN 1 ELSE 0 END AS early
        """
    }

    /// Reads a row, and locks it if the transaction will write.
    static func read(_ fileID: Int64, _ session: any SQLSession, _ schema: SiteSchema) throws -> JobRow? {
        try session.query(query(schema, where: "file_id = \(fileID)\(schema.dialect.rowLock)")).first.map { try JobRow($0, schema) }
    }

    static func query(_ schema: SiteSchema, where condition: Query) -> Query {
        "SELECT \(columns(schema)) FROM \(schema.jobs) WHERE \(condition)"
    }

    /// Counters that increase by one: no job reaches a larger number.
    static let counts: ClosedRange<Int64> = 0...Int64(Int32.max - 1), tokens: ClosedRange<Int64> = 0...(1 << 62)

    /// Throws, with its location, for a value that transcoder never writes.
    init(_ row: SQLRow, _ schema: SiteSchema) throws(UnreadableValue) {
        let row = StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id")
        func moment(_ name: String) throws(UnreadableValue) -> Date? { try row.whole(name).map(Date.init(milliseconds:)) }
        guard let state = try row.text("state").flatMap(JobState.init) else { throw row.failure("state") }
        guard let token = try row.whole("token", in: Self.tokens) else { throw row.failure("token") }
        guard let names = RecordedNames(json: try row.text("work_names")) else { throw row.failure("work_names") }
        guard let store = FileStore(rawValue: try row.text("store") ?? FileStore.disk.rawValue) else { throw row.failure("store") }
        self.init(
            fileID: try row.id(), state: state, token: token,
            owner: try row.text("owner").flatMap(Owner.init(text:)),
            leasedUntil: try moment("leased_until"),
            attempts: Int(try row.whole("attempts", in: Self.counts) ?? 0),
            losses: Int(try row.whole("losses", in: Self.counts) ?? 0),
            code: try row.text("code"), reason: try row.text("reason"), detail: try row.text("detail"),
            nextAt: try moment("next_at"),
            store: store,
            sourcePath: try row.text("source_path"), outputPath: try row.text("output_path"), posterPath: try row.text("poster_path"),
            claimedAt: try moment("claimed_at"), finishedAt: try moment("finished_at"),
            isEarly: try row.flag("early") ?? false,
            names: names)
    }
}

extension Date {
    /// Since 1970, clamped to years that a date can be written with.
    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_000)) / 1000)
    }
}

extension Site {
    /// The job of a file; nil if none was ever started.
    public func job(of fileID: Int64) async throws -> JobRow? {
        let schema = schema
        let sql = JobRow.query(schema, where: "file_id = \(fileID)")
        return try await database.read { session in try session.query(sql).first.map { try JobRow($0, schema) } }
    }

    /// Jobs in one state, the last changed first.
    public func jobs(in state: JobState, limit: Int) async throws -> [JobRow] {
        let sql = JobRow.query(schema, where: "state = \(state.rawValue) ORDER BY updated_at DESC, file_id DESC LIMIT \(limit)")
        let rows = try await database.read { session in try session.query(sql) }
        let schema = schema
        return readable(rows) { row throws(UnreadableValue) in try JobRow(row, schema) }
    }
}
