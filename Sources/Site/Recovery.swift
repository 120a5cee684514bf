public import Jobs
import SQL

/// Taking up what a crash left.
extension Site {
    /// Frees the jobs whose holder is gone: a dead process of this host at once, any other when its lease has run out. Their
    /// files go 2 → 1, their tokens rise, so that a holder that comes back is refused, and the loss is counted apart from the
    /// tries; over the cap the file goes to 4. Rows in state 2 that are in no hands of ours are left alone.
    ///
    /// - Parameters:
    ///   - isAlive: asked for owners on `thisHost` only, with no lock held.
    /// - Returns: the files that were taken from somebody.
    @discardableResult
    public func reclaimLost(
        isAlive: @Sendable (Owner) -> Bool, thisHost: String, policy: RetryPolicy = RetryPolicy()
    ) async throws -> [Int64] {
        let schema = schema
        let expired = "(leased_until IS NULL OR leased_until <= \(schema.dialect.milliseconds))"
        let look = """
            SELECT file_id, token, owner, CASE WHEN \(expired) THEN 1 ELSE 0 END AS expired FROM \(schema.jobs) \
            WHERE state IN ('running', 'publishing') ORDER BY file_id
            """
        let rows = try await database.read { session in try session.query(look) }
        var reclaimed: [Int64] = []
        for row in rows {
            guard let fileID = row.int("file_id"), let token = row.int("token") else { continue }
            let owner = row.text("owner").flatMap(Owner.init(text:))
            let isDead = owner.map { $0.host == thisHost && !isAlive($0) } ?? false
            guard isDead || row.bool("expired") == true else { continue }
            // A lease that was renewed since is looked at again under the lock.
            let guardian = isDead ? "" : " AND \(expired)"
            if try await take(fileID: fileID, token: token, guardian: guardian, lossCap: policy.lossCap) {
                JobStep.reclaimed.pass()
                reclaimed.append(fileID)
            }
        }
        return reclaimed
    }

    private func take(fileID: Int64, token: Int64, guardian: String, lossCap: Int) async throws -> Bool {
        let schema = schema
        let now = now()
        let touching = touching
        let touch = touch(now)
        let condition = held(Claim(fileID: fileID, token: token, path: "", attempt: 0))
        return try await database.write { session in
            let freed = try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'waiting', token = token + 1, owner = NULL, leased_until = NULL, \
                losses = losses + 1, next_at = NULL, updated_at = \(schema.dialect.milliseconds) \
                WHERE \(Self.heldCondition)\(guardian)
                """, condition)
            guard freed == 1, let job = try JobRow.read(fileID, session, schema) else { return false }

            JobStep.reclaiming.pass()
            let isOver = job.losses > lossCap
            let verdict = Verdict(
                .lost, "The transcoder was interrupted \(job.losses) times while it worked on this file.")
            try session.execute(
                """
                UPDATE \(schema.table("files")) SET transcoding_state = ?, transcoding_reason = ?\(touching) \
                WHERE id = ? AND transcoding_state = 2
                """, [isOver ? 4 : 1, isOver ? .text(verdict.reason) : .null] + touch + [.integer(fileID)])
            if isOver {
                try session.execute(
                    """
                    UPDATE \(schema.jobs) SET state = 'failed', code = ?, reason = ?, \
                    finished_at = \(schema.dialect.milliseconds), \(Self.marking(schema)) \
                    WHERE file_id = ?
                    """, [.text(verdict.code.rawValue), .text(verdict.reason), .integer(fileID)])
            }
            return true
        }
    }
}
