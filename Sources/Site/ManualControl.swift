internal import Foundation
import Jobs
import SQL
internal import Verdicts

/// The result of a manual command on one file; each is a sentence.
public enum ManualResult: Sendable, Equatable {
    case obeyed(String)
    /// Nothing was changed.
    case refused(String)
}

/// Manual commands on jobs, from any process. Each is one transaction over the file's row and the job's row. An owner
/// elsewhere is not asked: the token increases, so that all of its later writes are rejected.
extension Site {
    /// Requeues a file: 4 → 1, or due now if it waits for a retry. Resets its attempts and losses.
    ///
    /// - Parameter force: also 2 → 1, if no transcoder holds it and nobody has written its row for a while.
    public func retry(_ fileID: Int64, force: Bool = false) async throws -> ManualResult {
        guard let file = try await file(id: fileID) else { return .refused(Self.isNotThere(fileID)) }
        // A file that failed as missing on a disk other than this host's did not really fail: reset it.
        let refusal = try await refusal(of: file)
        if let refusal, try await !isMissedElsewhere(fileID) { return .refused(refusal) }
        let retry = retrying(fileID, force: force)
        let result = try await database.write { session in try retry(session) }
        if let refusal, case .obeyed = result { return .obeyed("\(refusal) It was reset to waiting.") }
        return result
    }

    /// As `retry`, for each of our failed files. Cancelled ones stay cancelled.
    ///
    /// - Parameter page: files per transaction.
    /// - Returns: the files that are waiting now.
    public func retryFailed(page: Int = 200) async throws -> [Int64] {
        var retried: [Int64] = []
        var last: Int64 = 0
        while true {
            let look: Query = """
                SELECT j.file_id AS file_id FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
                WHERE j.state = 'failed' AND j.code <> \(Verdict.Code.cancelled.rawValue) AND j.file_id > \(last) \
                AND f.transcoding_state = 4 AND \(schema.isAlive("f")) \
                AND ((\(schema.isReachable("f")) AND \(schema.isAttached("f"))) \
                OR (j.code = 'source-missing' AND NOT \(schema.isReachable("f")))) ORDER BY j.file_id LIMIT \(page)
                """
            let files = try await database.read { session in try session.query(look).compactMap { $0.int("file_id") } }
            guard let end = files.last else { return retried }
            last = end
            // One transaction per page: other writers get their turn.
            let retries = files.map { ($0, retrying($0)) }
            retried += try await database.write { session in
                try retries.compactMap { file, retry in
                    do {
                        if case .obeyed = try retry(session) { return file }
                    } catch let error as UnreadableValue {
                        self.note(error)
                    }
                    return nil
                }
            }
        }
    }

    /// Cancels a file: 1 → 4 if it is waiting, 2 → 4 if a transcoder is working on it, whose owner notices at its next write
    /// at the latest.
    public func cancel(_ fileID: Int64) async throws -> ManualResult {
        try await giveUp(fileID, Verdict(.cancelled))
    }

    func giveUp(_ fileID: Int64, _ verdict: Verdict) async throws -> ManualResult {
        let name = "File \(fileID)"
        guard let file = try await file(id: fileID) else { return .refused(Self.isNotThere(fileID)) }
        let refusal = try await refusal(of: file)
        let (schema, touch) = (schema, touch)
        let milliseconds = schema.dialect.milliseconds
        let reason = verdict.sentence(in: await wording())
        return try await database.write { session in
            let job = try JobRow.read(fileID, session, schema)
            let isHeld = job?.state.isHeld ?? false
            // A running job may be cancelled whatever happened to its post.
            if let refusal, !isHeld { return .refused(refusal) }
            guard let row = try schema.lockState(fileID, session) else { return .refused(Self.isNotThere(fileID)) }
            switch row.state {
            case .waiting: break
            case .running:
                guard isHeld else { return .refused("\(name) is held by another program.") }
            case .done: return .refused("\(name) is already done.")
            case .failed where job?.isCancelled == true: return .refused("\(name) is already cancelled.")
            case .failed: return .refused("\(name) has already failed: \(row.reason ?? "no reason is recorded")")
            case .unknown: return .refused("\(name) has an unknown state.")
            }
            try session.execute(
                """
                UPDATE \(schema.table("files")) SET transcoding_state = 4, transcoding_reason = \(reason)\(touch) \
                WHERE id = \(fileID) AND transcoding_state = \(row.state.rawValue)
                """)
            if job == nil { try session.execute("INSERT INTO \(schema.jobs) (file_id) VALUES (\(fileID))") }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'failed', token = token + 1, owner = NULL, leased_until = NULL, \
                code = \(verdict.code.rawValue), reason = \(reason), detail = NULL, next_at = NULL, \
                finished_at = \(milliseconds), updated_at = \(milliseconds), \(Self.marking(schema)) WHERE file_id = \(fileID)
                """)
            let holder = job?.owner.map { ", running in process \($0.pid) on \($0.host)," } ?? ""
            return .obeyed("\(name)\(isHeld ? holder : "") is cancelled.")
        }
    }

    private func isMissedElsewhere(_ fileID: Int64) async throws -> Bool {
        let sql: Query = "SELECT 1 \(missedSource) AND f.id = \(fileID)"
        return try await database.read { session in try !session.query(sql).isEmpty }
    }

    private static func isNotThere(_ fileID: Int64) -> String { "There is no file with the id \(fileID)." }

    private func retrying(_ fileID: Int64, force: Bool = false) -> @Sendable (any SQLSession) throws -> ManualResult {
        let name = "File \(fileID)"
        let (schema, clock) = (schema, clock)
        let states: Query = force ? "1, 2, 4" : "1, 4"
        let setBack: Query = """
            UPDATE \(schema.table("files")) AS f SET transcoding_state = 1, transcoding_reason = NULL\(touch) \
            WHERE f.id = \(fileID) AND f.transcoding_state IN (\(states)) AND \(schema.isAlive("f"))
            """
        return { session in
            let job = try JobRow.read(fileID, session, schema)
            guard let row = try schema.lockState(fileID, session) else { return .refused(Self.isNotThere(fileID)) }
            switch row.state {
            case .waiting, .failed: break
            case .running:
                if let job, job.state.isHeld {
                    return .refused("\(name) is running\(job.owner.map { ", in process \($0.pid) on \($0.host)" } ?? "").")
                }
                guard force else {
                    return .refused("\(name) is running, but no transcoder holds it. If no other program works on it: “transcoder retry --force \(fileID)”.")
                }
                if let age = row.changed.flatMap(clock.moment).map({ clock.now.timeIntervalSince($0) }), (0..<Self.strayAge).contains(age) {
                    return .refused("\(name) was changed \(Int(age)) s ago: another program may be working on it. Try again when it has not been changed for \(Int(Self.strayAge / 60)) minutes.")
                }
            case .done: return .refused("\(name) is already done; “transcoder run --id \(fileID) --force” transcodes it again.")
            case .unknown: return .refused("\(name) has an unknown state.")
            }
            guard try session.execute(setBack) == 1 else { return .refused("\(name) was deleted or disabled.") }
            // With a job row, it is transcoded even if `since` in the configuration skips older files.
            if job == nil { try session.execute("INSERT INTO \(schema.jobs) (file_id) VALUES (\(fileID))") }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'waiting', token = token + 1, owner = NULL, leased_until = NULL, \
                attempts = 0, losses = 0, code = NULL, reason = NULL, detail = NULL, next_at = NULL, finished_at = NULL, updated_at = \(schema.dialect.milliseconds), \
                \(Self.marking(schema)) WHERE file_id = \(fileID)
                """)
            if row.state != .waiting { return .obeyed("\(name) is queued again.") }
            return .obeyed("\(name) \(job?.isEarly == true ? "will be retried now" : "is already waiting").")
        }
    }
}

extension SiteSchema {
    /// The state of a file whose row the transaction will change; locked after the job's row, as everywhere.
    fileprivate func lockState(
        _ fileID: Int64, _ session: any SQLSession
    ) throws -> (state: TranscodingState, reason: String?, changed: String?)? {
        let changed: Query = files.contains("updated_at") ? ", updated_at" : ""
        let sql: Query = "SELECT transcoding_state, transcoding_reason\(changed) FROM \(table("files")) WHERE id = \(fileID)\(dialect.rowLock)"
        return try session.query(sql).first.map {
            ($0.int("transcoding_state").flatMap(TranscodingState.init) ?? .unknown, $0.text("transcoding_reason"), $0.text("updated_at"))
        }
    }
}
