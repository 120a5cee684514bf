public import Jobs
import SQL
import Synchronization
internal import Verdicts

/// Recovers jobs after a crash.
extension Site {
    /// Frees jobs whose owner is gone: a dead process of this host at once, any other when its lease has expired. Their
    /// files go 2 → 1, their tokens increase, so that an owner that comes back is rejected, and the loss is counted separately from
    /// attempts; above the limit the file goes to 4. Rows in state 2 that no transcoder holds are left alone.
    ///
    /// A clock may jump, by hours or years in either direction, without taking a job from a live owner: a lease that has expired by
    /// the database's clock is watched for `watchTime`, in which an owner would renew it; and one that stays unchanged for its
    /// whole duration has expired, whatever the clock says.
    ///
    /// - Parameters:
    ///   - isAlive: called for owners on `thisHost` only, with no lock held.
    ///   - watchTime: by this process's own clock; zero if there is no earlier observation: a command that runs once.
    /// - Returns: the recovered files.
    @discardableResult
    public func reclaimLost(
        isAlive: @Sendable (Owner) -> Bool, thisHost: String, policy: RetryPolicy = RetryPolicy(), watchTime: Duration = .zero,
        at moment: ContinuousClock.Instant = .now
    ) async throws -> [Int64] {
        let schema = schema
        let look: Query = """
            SELECT file_id, token, owner, leased_until, updated_at, \(schema.dialect.milliseconds) AS moment FROM \(schema.jobs) \
            WHERE state IN ('running', 'publishing') ORDER BY file_id
            """
        let rows = try await database.read { session in try session.query(look) }
        let held = readable(rows) { row throws(UnreadableValue) in try HeldLease(row, schema) }
        let firstSeen = overdue.withLock { known in
            known = Dictionary(uniqueKeysWithValues: held.map { lease in
                let before = known[lease.fileID].flatMap { $0.lease.isSame(as: lease) ? $0 : nil }
                return (lease.fileID, before ?? WatchedLease(lease: lease, since: moment))
            })
            return known.mapValues(\.since)
        }
        var reclaimed: [Int64] = []
        for lease in held {
            let isDead = lease.owner.map { $0.host == thisHost && !isAlive($0) } ?? false
            let watched = (firstSeen[lease.fileID] ?? moment).duration(to: moment)
            guard isDead || lease.isOver && watched >= watchTime || watched >= lease.length else { continue }
            // A lease that was renewed meanwhile belongs to its owner.
            let isUnrenewed: Query = isDead ? "" : lease.until.map { " AND leased_until = \($0)" } ?? " AND leased_until IS NULL"
            do {
                guard try await take(lease, where: isUnrenewed, lossCap: policy.lossCap) else { continue }
            } catch let error as UnreadableValue {
                note(error)
                continue
            }
            Failpoint.reclaimed.hit()
            reclaimed.append(lease.fileID)
        }
        return reclaimed
    }

    private func take(_ lease: HeldLease, where isUnrenewed: Query, lossCap: Int) async throws -> Bool {
        let (schema, touch, fileID) = (schema, touch, lease.fileID)
        let isHeld = isHeld(by: Claim(fileID: fileID, token: lease.token, path: "", attempt: 0))
        let language = await wording()
        return try await database.write { session in
            let freed = try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'waiting', token = token + 1, owner = NULL, leased_until = NULL, \
                losses = CASE WHEN losses < 1000000 THEN losses + 1 ELSE losses END, next_at = NULL, updated_at = \(schema.dialect.milliseconds) \
                WHERE \(isHeld)\(isUnrenewed)
                """)
            guard freed == 1, let job = try JobRow.read(fileID, session, schema) else { return false }

            Failpoint.reclaiming.hit()
            let isOver = job.losses > lossCap
            let verdict = Verdict(.interrupted(times: job.losses))
            let reason = verdict.sentence(in: language)
            try session.execute(
                """
                UPDATE \(schema.table("files")) SET transcoding_state = \(isOver ? 4 : 1), \
                transcoding_reason = \(isOver ? reason : nil)\(touch) WHERE id = \(fileID) AND transcoding_state = 2
                """)
            if isOver {
                try session.execute(
                    """
                    UPDATE \(schema.jobs) SET state = 'failed', code = \(verdict.code.rawValue), reason = \(reason), \
                    finished_at = \(schema.dialect.milliseconds), \(Self.marking(schema)) WHERE file_id = \(fileID)
                    """)
            }
            return true
        }
    }
}

/// A lease as read.
struct HeldLease: Sendable {
    let fileID: Int64
    let token: Int64
    let owner: Owner?
    /// Nil: it never had a duration.
    let until: Int64?
    /// By the clock that gave it.
    let isOver: Bool
    /// Its duration, according to the row.
    let length: Duration

    init(_ row: SQLRow, _ schema: SiteSchema) throws(UnreadableValue) {
        let row = StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id")
        fileID = try row.id()
        guard let number = try row.whole("token", in: 0...(1 << 62)) else { throw row.failure("token") }
        token = number
        owner = try row.text("owner").flatMap(Owner.init(text:))
        until = try row.whole("leased_until")
        let now = try row.whole("moment") ?? 0
        isOver = until.map { $0 <= now } ?? true
        // Written by the statement that renewed it, or slightly later.
        let length = (until ?? 0).difference(try row.whole("updated_at") ?? 0)
        self.length = .milliseconds(min(max(length, 1000), 86_400_000))
    }

    func isSame(as other: HeldLease) -> Bool { token == other.token && until == other.until }
}

/// A lease, and since when it has not been renewed, by this process's own clock.
struct WatchedLease: Sendable {
    let lease: HeldLease
    let since: ContinuousClock.Instant
}
