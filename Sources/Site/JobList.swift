public import Foundation
public import Jobs
import SQL
internal import Verdicts

/// One job, for lists.
public struct ListedJob: Sendable, Equatable {
    /// The combined state of `files.transcoding_state` and our table.
    public enum State: String, Sendable, CaseIterable {
        /// Cancelled ones failed by hand: `retry --failed` leaves them alone.
        case running, waiting, failed, cancelled, done
    }

    public var fileID: Int64
    public var fid: String
    /// As uploaded.
    public var name: String
    public var type: MediaType
    public var state: State
    /// Attempts that ended with a verdict, and claims that were lost with their worker.
    public var attempts: Int
    public var losses: Int
    /// Of the last verdict.
    public var code: String?
    public var reason: String?
    /// For the administrator: the failed call, FFmpeg's last lines.
    public var cause: String?
    /// When it will be retried, if that is in the future.
    public var nextAt: Date?
    /// While it is claimed: the owner, and the end of the lease.
    public var holder: Owner?
    public var leasedUntil: Date?
    public var finishedAt: Date?
    /// Seconds in this state; for a file that never started: since its upload.
    public var age: Double?
}

extension Site {
    /// The jobs of one state: waiting ones by ID, the latest upload first; the others by time, the latest first.
    ///
    /// - Parameter since: for files that never started, as in `waiting`.
    public func list(_ state: ListedJob.State, limit: Int, since: Date? = nil) async throws -> [ListedJob] {
        let early: Query = "j.state = 'waiting' AND \(schema.isEarly("j."))"
        let columns: Query = """
            f.id AS id, f.fid AS fid, f.name AS name, f.type AS type, j.state AS state, j.attempts AS attempts, \
            j.losses AS losses, j.code AS code, j.reason AS reason, j.detail AS detail, CASE WHEN \(early) THEN j.next_at END AS next_at, \
            j.owner AS owner, j.leased_until AS leased_until, j.claimed_at AS claimed_at, j.finished_at AS finished_at, \
            j.updated_at AS updated_at, \(schema.dialect.milliseconds) AS moment\
            \(schema.files.contains("created_at") ? ", f.created_at AS created_at" : "")
            """
        let order: Query =
            switch state {
            case .waiting: "f.id DESC"
            case .running: "j.claimed_at DESC"
            case .failed, .cancelled, .done: "j.finished_at DESC"
            }
        let sql: Query = "SELECT \(columns) \(source(of: state, since)) ORDER BY \(order) LIMIT \(limit)"
        let rows = try await database.read { session in try session.query(sql) }
        try await noteUnknownStates()
        return listed(rows, in: state)
    }

    /// How many jobs are in a state.
    public func count(_ state: ListedJob.State, since: Date? = nil) async throws -> Int {
        let sql: Query = "SELECT COUNT(*) AS jobs \(source(of: state, since))"
        return try await database.read { session in Int(try session.query(sql).first?.int("jobs") ?? 0) }
    }

    private func source(of state: ListedJob.State, _ since: Date?) -> Query {
        let joined: Query = "FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id"
        let failed: Query = "\(joined) WHERE j.state = 'failed' AND f.transcoding_state = 4"
        return switch state {
        case .waiting: waitingSource(since: since)
        case .running: "\(joined) WHERE j.state IN ('running', 'publishing')"
        case .failed: "\(failed) AND (j.code IS NULL OR j.code <> \(Verdict.Code.cancelled.rawValue))"
        case .cancelled: "\(failed) AND j.code = \(Verdict.Code.cancelled.rawValue)"
        case .done: "\(joined) WHERE j.state = 'done' AND f.transcoding_state = 3"
        }
    }

    /// The jobs that wait for a retry, the earliest first.
    public func retrying(limit: Int) async throws -> [ListedJob] {
        let sql: Query = """
            SELECT f.id AS id, f.fid AS fid, f.name AS name, f.type AS type, j.state AS state, j.attempts AS attempts, j.losses AS losses, \
            j.code AS code, j.reason AS reason, j.detail AS detail, j.next_at AS next_at, j.updated_at AS updated_at, \
            \(schema.dialect.milliseconds) AS moment \
            \(retryingSource) ORDER BY j.next_at LIMIT \(limit)
            """
        let rows = try await database.read { session in try session.query(sql) }
        return listed(rows, in: .waiting)
    }

    var retryingSource: Query {
        """
        FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.state = 'waiting' AND \(schema.isEarly("j.")) \
        AND f.transcoding_state = 1 AND \(schema.isWorkable("f")) AND \(schema.isAttached("f"))
        """
    }

    private func listed(_ rows: [SQLRow], in state: ListedJob.State) -> [ListedJob] {
        readable(rows) { row throws(UnreadableValue) in try listed(row, in: state) }
    }

    /// Throws, with its location, for a value that transcoder never writes.
    private func listed(_ row: SQLRow, in state: ListedJob.State) throws(UnreadableValue) -> ListedJob {
        let (file, job) = (strict(row, of: "files"), strict(row, of: JobTable.name))
        func moment(_ name: String) throws(UnreadableValue) -> Date? { try job.whole(name).map(Date.init(milliseconds:)) }
        if let text = try job.text("state"), JobState(rawValue: text) == nil { throw job.failure("state") }
        let created = try file.text("created_at").flatMap(clock.moment)
        let since: Date? =
            switch state {
            case .waiting: try moment("updated_at") ?? created
            case .running: try moment("claimed_at")
            case .failed, .cancelled, .done: try moment("finished_at")
            }
        let now = try moment("moment")
        let isHeld = state == .running
        guard let type = try file.whole("type") else { throw file.failure("type") }
        return ListedJob(
            fileID: try file.id(), fid: try file.text("fid") ?? "", name: try file.text("name") ?? "",
            type: MediaType(number: type), state: state, attempts: Int(try job.whole("attempts", in: JobRow.counts) ?? 0),
            losses: Int(try job.whole("losses", in: JobRow.counts) ?? 0), code: try job.text("code"), reason: try job.text("reason"),
            cause: try job.text("detail"), nextAt: try moment("next_at"), holder: isHeld ? try job.text("owner").flatMap(Owner.init(text:)) : nil,
            leasedUntil: isHeld ? try moment("leased_until") : nil, finishedAt: try moment("finished_at"),
            age: since.flatMap { since in now.map { max(0, $0.timeIntervalSince(since)) } })
    }
}
