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
    /// For people: warnings that did not stop the job.
    public var remark: String?
    /// Identifies the source for reuse; nil if not needed.
    public var provenance: Provenance?

    public init(
        newPath: String?, posterPath: String?, mime: String, extension: String, size: Int64, sha256: String,
        md5: String? = nil, width: Int? = nil, height: Int? = nil, duration: Int, remark: String? = nil
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
        self.remark = remark
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
        let condition = held(claim)
        let now = schema.dialect.milliseconds
        let played = path(after: result, claim)
        let isReplaced = played != claim.path
        return try await write(or: claim) { session in
            guard let job = try JobRow.read(claim.fileID, session, schema) else { return false }
            // A file that replaced one of our results has its own original.
            let isNew = claim.source == claim.path && job.outputPath.map { $0 != claim.path } ?? false
            let update = self.statement(setting: self.assignments(for: result, of: type, claim, isNew: isNew, schema), claim, schema)
            guard try session.execute(update.sql, update.arguments) == 1 else { return false }
            Failpoint.rowWriting.hit()

            var names = job.names
            names.remove { $0.token == claim.token }  // Published by now, or removed by the one who made them.
            if case .replaced = result.original, isReplaced { names.add([claim.path], token: claim.token) }
            let output = result.newPath ?? (job.outputPath == played ? job.outputPath : nil)
            // The row no longer names what an earlier success published.
            if let before = job.outputPath, before != output { names.add([before], token: claim.token) }
            if let before = job.posterPath, let poster = result.posterPath, before != poster {
                names.add([before], token: claim.token)
            }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = 'done', owner = NULL, leased_until = NULL, attempts = ?, \
                output_path = ?, poster_path = ?, work_names = ?, source_sha = ?, source_size = ?, recipe = ?, \(Self.marking(schema)), finished_at = \(now), updated_at = \(now) \
                WHERE \(Self.heldCondition)
                """,
                [
                    .int(claim.attempt), .text(orNull: output), .text(orNull: result.posterPath ?? job.posterPath), names.value,
                    .text(orNull: result.provenance?.sourceSHA256), .int(result.provenance?.sourceSize),
                    .text(orNull: result.provenance?.fingerprint),
                ] + condition)
            Failpoint.jobWriting.hit()
            return true
        }
    }

    /// Ends an attempt without a result: 2 → 4 with the reason, or 2 → 1 to be retried after `wait`.
    public func fail(_ claim: Claim, _ verdict: Verdict, retryAfter wait: Duration?) async throws -> Bool {
        let schema = schema
        var assignments = [Assignment("transcoding_state", wait == nil ? 4 : 1)]
        if wait == nil { assignments.append(Assignment("transcoding_reason", .text(verdict.reason))) }
        let file = statement(setting: assignments, claim, schema)
        let condition = held(claim)
        let now = schema.dialect.milliseconds
        let mark = wait == nil ? ", \(Self.marking(schema))" : ""
        return try await write(or: claim) { session in
            // Every transaction locks the job before the file, so that deadlocks cannot occur.
            guard try JobRow.read(claim.fileID, session, schema) != nil,
                try session.execute(file.sql, file.arguments) == 1
            else { return false }
            try session.execute(
                """
                UPDATE \(schema.jobs) SET state = ?, owner = NULL, leased_until = NULL, attempts = ?, code = ?, reason = ?, \
                detail = ?, next_at = \(now) + ?, finished_at = \(wait == nil ? now : "NULL"), updated_at = \(now)\(mark) \
                WHERE \(Self.heldCondition)
                """,
                [
                    .text((wait == nil ? JobState.failed : .waiting).rawValue),
                    .int(verdict.code.countsAsTry ? claim.attempt : max(0, claim.attempt - 1)),
                    .text(verdict.code.rawValue), .text(verdict.reason), .text(verdict.detail),
                    // By the database's clock, which the query for due jobs also uses.
                    .int(wait.map { min(max(0, $0.inMilliseconds), schema.longestWait) }),
                ] + condition)
            Failpoint.failing.hit()
            return true
        }
    }

    /// The value of `files.path` after a success.
    private func path(after result: FileResult, _ claim: Claim) -> String { result.newPath ?? claim.source }

    /// The only statement that writes `files` for a claim, with all guards in it.
    private func statement(setting assignments: [Assignment], _ claim: Claim, _ schema: SiteSchema) -> (sql: String, arguments: [SQLValue]) {
        let set = assignments.map { "\($0.column) = \($0.expression)" }.joined(separator: ", ")
        let sql = """
            UPDATE \(schema.table("files")) AS f SET \(set)\(touching) WHERE f.id = ? AND f.path = ? \
            AND f.transcoding_state = 2 AND \(schema.isWorkable("f")) \
            AND EXISTS (SELECT 1 FROM \(schema.jobs) WHERE \(Self.heldCondition))
            """
        return (sql, assignments.map(\.value) + touch(now()) + asClaimed(claim) + held(claim))
    }

    /// - Parameter isNew: the recorded original belongs to another file.
    private func assignments(
        for result: FileResult, of type: MediaType, _ claim: Claim, isNew: Bool, _ schema: SiteSchema
    ) -> [Assignment] {
        var set = [
            Assignment("transcoding_state", 3),
            Assignment("transcoding_reason", .text(orNull: result.remark.map(SentenceLimit.cut))),
            Assignment("mime", .text(result.mime)),
            Assignment("extension", .text(result.extension)),
            Assignment("size", .integer(result.size)),
            Assignment("sha", .text(result.sha256)),
            Assignment("sha_type", "sha256"),
        ]
        if let md5 = result.md5 { set.append(Assignment("md5", .text(md5))) }
        set += schema.widthColumns.map { Assignment($0, .int(result.width)) }
        set += schema.heightColumns.map { Assignment($0, .int(result.height)) }
        set += schema.durationColumns(of: type).map { Assignment($0, .int(result.duration)) }
        if let poster = result.posterPath, let column = schema.posterColumn {
            set.append(Assignment(column, .text(poster)))
        }
        let path = path(after: result, claim)
        if path != claim.path {
            set.append(Assignment("path", .text(path)))
            // The upload stays recorded: a forced run does not replace it with our own output.
            let kept = isNew ? "?" : "COALESCE(NULLIF(original_path, ''), ?)"
            let original =
                switch result.original {
                case .kept: Assignment("original_path", as: kept, .text(claim.path))
                case .replaced(let other): Assignment("original_path", .text(other))
                case .hidden: Assignment("original_path", as: kept, .null)
                }
            set.append(original)
        } else if isNew {
            // An upload that needs no conversion is its own original.
            set.append(Assignment("original_path", .null))
        }
        // PostgreSQL's smallint cannot hold the seconds of ten hours: the media plays nevertheless.
        return set.filter { schema.files.contains($0.column) }.map { $0.clamped(to: schema.largest[$0.column]) }
    }
}

private struct Assignment {
    var column: String
    /// With one placeholder.
    var expression: String
    var value: SQLValue

    init(_ column: String, as expression: String = "?", _ value: SQLValue) {
        self.column = column
        self.expression = expression
        self.value = value
    }

    func clamped(to largest: Int64?) -> Assignment {
        guard let largest, case .integer(let number) = value else { return self }
        return Assignment(column, as: expression, .integer(min(number, largest)))
    }
}
