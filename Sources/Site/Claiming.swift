public import Jobs
import SQL
internal import Verdicts

/// Claiming a file, keeping the claim, and returning it. Each is one transaction over the file's row and the job's row.
extension Site {
    /// Claims a waiting file: 1 → 2 in `files`, and a higher token in our table. nil if the row has changed since the caller
    /// read it: claimed by another worker, or deleted, disabled, replaced, detached.
    ///
    /// - Parameters:
    ///   - path: `files.path` as the caller read it.
    ///   - lease: how long the claim is valid without `renew`.
    ///   - force: also claim from state 3 or 4, reset the attempts, and use the kept original.
    ///   - early: claim although the next attempt is in the future: requested by hand.
    public func claim(
        _ fileID: Int64, path: String, owner: Owner, lease: Duration, force: Bool = false, early: Bool = false
    ) async throws -> Claim? {
        let take: Query = """
            UPDATE \(schema.table("files")) AS f SET transcoding_state = 2, transcoding_reason = NULL\(touch) \
            WHERE f.id = \(fileID) AND f.path = \(path) AND f.transcoding_state IN (\(force ? "1, 3, 4" : "1")) \
            AND \(schema.isWorkable("f")) AND \(schema.isAttached("f"))
            """
        let schema = schema
        return try await database.write { session in
            let job = try JobRow.read(fileID, session, schema)
            if let job, job.state == .waiting, job.isEarly, !early, !force { return nil }
            guard try session.execute(take) == 1 else { return nil }

            // A finished job whose file was reset to 1 starts over. A job that is still held although its file was
            // reset changes its owner: the higher token tells the old one.
            let earlier = job.flatMap { force || $0.state == .done || $0.state == .failed ? nil : $0 }
            let attempts = earlier?.attempts ?? 0
            let token = (job?.token ?? 0) + 1  // Neither is near its end: `JobRow` takes no such number.
            var claim = Claim(fileID: fileID, token: token, path: path, attempt: attempts + 1)
            claim.isSecondLook = earlier.map { $0.code == Verdict.Code.sourceMissing.rawValue && !$0.isEarly } ?? false
            let place = try session.query(
                """
                SELECT f.original_path AS original_path, \(schema.store("f")) AS store FROM \(schema.table("files")) f WHERE f.id = \(fileID)
                """
            ).first
            claim.store = place?.text("store").flatMap(FileStore.init) ?? .disk
            // Our own output is not a source if the original is kept.
            if force || job?.outputPath == path, let kept = place?.text("original_path"), !kept.isEmpty { claim.source = kept }
            if job == nil { try session.execute("INSERT INTO \(schema.jobs) (file_id) VALUES (\(fileID))") }
            let milliseconds = schema.dialect.milliseconds
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'running', token = \(token), owner = \(owner.text), \
                leased_until = \(milliseconds) + \(lease.inMilliseconds), attempts = \(attempts), \
                losses = \(earlier?.losses ?? 0), source_path = \(claim.source), store = \(claim.store.rawValue), code = NULL, reason = NULL, detail = NULL, \
                next_at = NULL, claimed_at = \(milliseconds), finished_at = NULL, updated_at = \(milliseconds) WHERE file_id = \(fileID)
                """)
            Failpoint.claiming.hit()
            return claim
        }
    }

    /// The owner's existing claim on a file that no job has started with; nil if there is none.
    public func claim(of file: MediaFile, by owner: Owner) async throws -> Claim? {
        guard let job = try await job(of: file.id), job.state == .running, job.owner == owner,
            !job.names.entries.contains(where: { $0.token == job.token }), let store = try await store(of: file)
        else { return nil }
        return Claim(fileID: file.id, token: job.token, path: file.path, attempt: job.attempts + 1, source: job.sourcePath, store: store)
    }

    /// Extends the claim by another `lease` from now. False: the claim is lost, or the file changed;
    /// what was still ours has been reset, and the caller discards its result.
    public func renew(_ claim: Claim, lease: Duration) async throws -> Bool {
        let sql: Query = """
            UPDATE \(schema.jobs) SET leased_until = \(schema.dialect.milliseconds) + \(lease.inMilliseconds), \
            updated_at = \(schema.dialect.milliseconds) WHERE \(isHeld(by: claim)) AND \(isUnchanged(since: claim))
            """
        return try await write(or: claim) { session in try session.execute(sql) == 1 }
    }

    /// Records the names of files before they are created, so that a crash leaves nothing unknown. Called before each
    /// such file is created; later calls add to earlier ones. With an output, the job's state becomes `publishing`. False as
    /// in `renew`.
    ///
    /// - Parameters:
    ///   - output: the published name of the output, `poster` that of the poster, relative to the disk's root.
    ///   - workNames: hidden work files, relative to the disk's root too.
    public func willPublish(
        _ claim: Claim, output: String? = nil, poster: String? = nil, workNames: [String] = []
    ) async throws -> Bool {
        let schema = schema
        let table = schema.prefix + JobTable.name
        let isHeld = isHeld(by: claim)
        let read: Query = """
            SELECT file_id, work_names, owner, \(schema.dialect.milliseconds) AS now FROM \(schema.jobs) \
            WHERE \(isHeld) AND \(isUnchanged(since: claim))
            """
        return try await self.write(or: claim) { session in
            guard let row = try session.query(read).first else { return false }
            let strict = StrictRow(row, table: table, key: "file_id")
            guard var names = RecordedNames(json: try strict.text("work_names")) else { throw strict.failure("work_names") }
            names.add(
                [output, poster].compactMap(\.self) + workNames, token: claim.token, owner: row.text("owner"),
                at: row.int("now"), store: claim.store)
            let written = try session.execute(
                """
                UPDATE \(schema.jobs) SET state = \(output == nil ? "state" : "'publishing'"), work_names = \(names.value), \
                updated_at = \(schema.dialect.milliseconds) WHERE \(isHeld)
                """)
            guard written == 1 else { return false }
            if output == nil { Failpoint.workNamesRecording.hit() }
            return true
        }
    }

    /// Returns the file as if it had not been claimed: 2 → 1, without counting the attempt. False: the claim was lost.
    public func handBack(_ claim: Claim) async throws -> Bool {
        let release = release(claim)
        return try await database.write { session in try release(session) }
    }
}

/// The guards shared by the writes of a claim.
extension Site {
    /// The claim holds the row of our table.
    func isHeld(by claim: Claim) -> Query {
        "file_id = \(claim.fileID) AND token = \(claim.token) AND state IN ('running', 'publishing')"
    }

    /// The row `f` of `files` is as the claim left it.
    func isClaimed(_ f: Query, by claim: Claim) -> Query {
        """
        \(f).id = \(claim.fileID) AND \(f).path = \(claim.path) AND \(f).transcoding_state = 2 AND \(schema.isWorkable(f)) \
        AND \(schema.isIn(claim.store, f))
        """
    }

    /// The file's row is unchanged since the claim.
    func isUnchanged(since claim: Claim) -> Query {
        "EXISTS (SELECT 1 FROM \(schema.table("files")) f WHERE \(isClaimed("f", by: claim)))"
    }

    /// At the end of a SET: the time of the change, if `files` has a column for it.
    var touch: Query { schema.files.contains("updated_at") ? ", updated_at = \(now())" : "" }

    /// Runs a guarded write. If the guard fails, what the claim still holds is reset in the same transaction, so that
    /// a file that was disabled or replaced during the job does not stay in state 2 forever.
    func write(or claim: Claim, _ body: @escaping @Sendable (any SQLSession) throws -> Bool) async throws -> Bool {
        let release = release(claim)
        return try await database.write { session in
            if try body(session) { return true }
            _ = try release(session)
            return false
        }
    }

    /// 2 → 1 and a free job, if the token is the claim's. A deleted or disabled file is also reset: it must be found
    /// again when it is restored. The same if our row is gone, which only happens when a database is restored without
    /// it: otherwise it would stay in state 2 forever, with no owner.
    private func release(_ claim: Claim) -> @Sendable (any SQLSession) throws -> Bool {
        let job: Query = """
            UPDATE \(schema.jobs) SET state = 'waiting', owner = NULL, leased_until = NULL, next_at = NULL, \
            updated_at = \(schema.dialect.milliseconds) WHERE \(isHeld(by: claim))
            """
        let file: Query = """
            UPDATE \(schema.table("files")) SET transcoding_state = 1\(touch) WHERE id = \(claim.fileID) AND transcoding_state = 2
            """
        let look: Query = "SELECT 1 FROM \(schema.jobs) WHERE file_id = \(claim.fileID)"
        return { session in
            guard try session.execute(job) == 1 else {
                if try session.query(look).isEmpty { try session.execute("\(file) AND path = \(claim.path)") }
                return false
            }
            try session.execute(file)
            return true
        }
    }
}

extension Duration {
    /// Whatever the configuration says: at most a quarter of the range.
    var inMilliseconds: Int64 {
        let most = Int64.max / 4
        let seconds = min(max(components.seconds, -most / 1000), most / 1000)
        return seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
