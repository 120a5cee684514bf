public import Jobs
import SQL
public import Verdicts

/// What happens to the upload once its conversion plays instead.
public enum OriginalFate: Sendable, Equatable {
    /// It stays, and `original_path` names it: Fresns' download link serves it.
    case kept
    /// `original_path` names another file, the same media without its metadata; the upload is to be removed.
    case replaced(by: String)
    /// It stays on the disk, and nothing names it.
    case hidden
}

/// The result of a finished job, measured on the published file.
public struct FileResult: Sendable, Equatable {
    /// Relative to the disk's root; nil if the source needed no conversion and stays.
    public var newPath: String?
    /// Relative to the disk's root; nil keeps the row's poster.
    public var posterPath: String?
    public var original = OriginalFate.kept
    public var mime: String
    /// Without the dot.
    public var `extension`: String
    /// In bytes.
    public var size: Int64
    /// Lower-case hex.
    public var sha256: String
    /// Lower-case hexadecimal; stored if the column exists.
    public var md5: String?
    /// In pixels; nil for audio.
    public var width: Int?
    public var height: Int?
    /// In whole seconds, rounded.
    public var duration: Int
    /// What the uploader should know, though the job succeeded.
    public var remarks: [Remark]
    /// Identifies the source for reuse; nil if not needed.
    public var provenance: Provenance?

    public init(
        newPath: String?, posterPath: String?, mime: String, extension: String, size: Int64, sha256: String,
        md5: String? = nil, width: Int? = nil, height: Int? = nil, duration: Int, remarks: [Remark] = []
    ) {
        self.newPath = newPath
        self.posterPath = posterPath
        self.mime = mime
        self.extension = `extension`
        self.size = size
        self.sha256 = sha256
        self.md5 = md5
        self.width = width
        self.height = height
        self.duration = duration
        self.remarks = remarks
    }
}

/// Tells Fresns how a job ended. Both are one transaction, guarded in the statement that writes `files`: by the token, by
/// `path`, by state 2, and by the row being neither deleted nor disabled. False: the guard failed, what was still ours has
/// been reset, and the caller discards its result.
extension Site {
    /// Writes the result back: 2 → 3.
    public func succeed(_ claim: Claim, _ result: FileResult) async throws -> Bool {
        let schema = schema
        guard let type = try await file(id: claim.fileID)?.type else { return try await write(or: claim) { _ in false } }
        let isHeld = isHeld(by: claim)
        let now = schema.dialect.milliseconds
        let played = path(after: result, claim)
        let isReplaced = played != claim.path
        let remark = result.remarks.isEmpty ? nil : result.remarks.text(in: await wording())
        return try await write(or: claim) { session in
            guard let job = try JobRow.read(claim.fileID, session, schema) else { return false }
            // A file that replaced one of our results has its own original.
            let isNew = claim.source == claim.path && job.outputPath.map { $0 != claim.path } ?? false
            let set = self.assignments(for: result, remark, of: type, claim, isNew: isNew, schema)
            guard try session.execute(self.update(setting: set, claim)) == 1 else { return false }
            Failpoint.rowWriting.hit()

            var names = job.names
            names.remove { $0.token == claim.token }  // Published by now, or removed by the one who made them.
            if case .replaced = result.original, isReplaced { names.add([claim.path], token: claim.token, store: claim.store) }
            let output = result.newPath ?? (job.outputPath == played ? job.outputPath : nil)
            // The row no longer names what an earlier success published.
            if let before = job.outputPath, before != output { names.add([before], token: claim.token, store: job.store) }
            if let before = job.posterPath, let poster = result.posterPath, before != poster {
                names.add([before], token: claim.token, store: job.store)
            }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'done', owner = NULL, leased_until = NULL, attempts = \(claim.attempt), \
                output_path = \(output), poster_path = \(result.posterPath ?? job.posterPath), work_names = \(names.value), \
                source_sha = \(result.provenance?.sourceSHA256), source_size = \(result.provenance?.sourceSize), \
                recipe = \(result.provenance?.fingerprint), \(Self.marking(schema)), finished_at = \(now), updated_at = \(now) \
                WHERE \(isHeld)
                """)
            Failpoint.jobWriting.hit()
            return true
        }
    }

    /// Ends an attempt without a result: 2 → 4 with the reason, or 2 → 1 to be retried after `wait`.
    public func fail(_ claim: Claim, _ verdict: Verdict, retryAfter wait: Duration?) async throws -> Bool {
        let schema = schema
        let isHeld = isHeld(by: claim)
        let now = schema.dialect.milliseconds
        let mark: Query = wait == nil ? ", \(Self.marking(schema))" : ""
        let state = wait == nil ? JobState.failed : .waiting
        let attempts = verdict.code.countsAsTry ? claim.attempt : max(0, claim.attempt - 1)
        // By the database's clock, which the query for due jobs also uses.
        let pause = wait.map { min(max(0, $0.inMilliseconds), schema.longestWait) }
        let reason = verdict.sentence(in: await wording())
        return try await write(or: claim) { session in
            // Every transaction locks the job before the file, so that deadlocks cannot occur.
            guard try JobRow.read(claim.fileID, session, schema) != nil else { return false }
            let change: [Query] =
                wait == nil ? ["transcoding_state = 4", "transcoding_reason = \(reason)"] : ["transcoding_state = 1"]
            guard try session.execute(self.update(setting: change, claim)) == 1 else { return false }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = \(state.rawValue), owner = NULL, leased_until = NULL, attempts = \(attempts), \
                code = \(verdict.code.rawValue), reason = \(reason), detail = \(verdict.detail), next_at = \(now) + \(pause), \
                finished_at = \(wait == nil ? now : "NULL"), updated_at = \(now)\(mark) WHERE \(isHeld)
                """)
            Failpoint.failing.hit()
            return true
        }
    }

    /// The value of `files.path` after a success.
    private func path(after result: FileResult, _ claim: Claim) -> String { result.newPath ?? claim.source }

    /// The only statement that writes `files` for a claim, with all guards in it.
    private func update(setting assignments: [Query], _ claim: Claim) -> Query {
        """
        UPDATE \(schema.table("files")) AS f SET \(assignments.joined(separator: ", "))\(touch) WHERE \(isClaimed("f", by: claim)) \
        AND EXISTS (SELECT 1 FROM \(schema.jobs) WHERE \(isHeld(by: claim)))
        """
    }

    /// - Parameter isNew: the recorded original belongs to another file.
    private func assignments(
        for result: FileResult, _ remark: String?, of type: MediaType, _ claim: Claim, isNew: Bool, _ schema: SiteSchema
    ) -> [Query] {
        var assignments: [Query] = []
        func set(_ column: String, _ value: some SQLBindable) {
            if schema.files.contains(column) { assignments.append("\(sql: column) = \(value)") }
        }
        // PostgreSQL's smallint cannot hold the seconds of ten hours: the media plays nevertheless.
        func set(_ columns: [String], clamping number: Int64?) {
            for column in columns { set(column, number.map { min($0, schema.largest[column] ?? .max) }) }
        }
        set("transcoding_state", 3)
        set("transcoding_reason", remark)
        set("mime", result.mime)
        set("extension", result.extension)
        set(["size"], clamping: result.size)
        set("sha", result.sha256)
        set("sha_type", "sha256")
        if let md5 = result.md5 { set("md5", md5) }
        set(schema.widthColumns, clamping: result.width.map(Int64.init))
        set(schema.heightColumns, clamping: result.height.map(Int64.init))
        set(schema.durationColumns(of: type), clamping: Int64(result.duration))
        if let poster = result.posterPath, let column = schema.posterColumn { set(column, poster) }
        let path = path(after: result, claim)
        if path != claim.path {
            set("path", path)
            let (original, isFinal): (String?, Bool) =
                switch result.original {
                case .kept: (claim.path, isNew)
                case .replaced(let other): (other, true)
                case .hidden: (nil, isNew)
                }
            // The upload stays recorded: a forced run does not replace it with our own output.
            let kept: Query = isFinal ? "\(original)" : "COALESCE(NULLIF(original_path, ''), \(original))"
            assignments.append("original_path = \(kept)")
        } else if isNew {
            // An upload that needs no conversion is its own original.
            assignments.append("original_path = NULL")
        }
        return assignments
    }
}
