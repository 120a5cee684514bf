public import Jobs
import SQL

/// What becomes of the file that was uploaded, once something else is played in its place.
public enum OriginalFate: Sendable, Equatable {
    /// It stays, and `original_path` names it: Fresns' download link serves it.
    case kept
    /// `original_path` names another file, the same film without its metadata; what was uploaded is to be removed.
    case replaced(by: String)
    /// It stays on the disk, and nothing names it.
    case hidden
}

/// What a finished job found out, measured on the file that is published.
public struct FileResult: Sendable, Equatable {
    /// Relative to the disk's root; nil where the source was right already and is what the site is to play.
    public var newPath: String?
    /// Relative to the disk's root; nil leaves the row's poster alone.
    public var posterPath: String?
    public var original = OriginalFate.kept
    public var mime: String
    /// Without the dot.
    public var `extension`: String
    /// In bytes.
    public var size: Int64
    /// Lower-case hex.
    public var sha256: String
    /// Lower-case hex; stored where the column exists.
    public var md5: String?
    /// In pixels; nil for sound.
    public var width: Int?
    public var height: Int?
    /// In whole seconds, rounded.
    public var duration: Int
    /// For people: what was odd but did not stop the job.
    public var remark: String?
    /// By which the same source is known again; nil where it need not be.
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

/// Telling Fresns how a job ended. Both are one transaction, guarded in the statement that writes `files`: by the token, by
/// `path`, by state 2, and by the row being neither deleted nor disabled. False: the guard refused, what was still ours has
/// been put back, and the caller discards what it made.
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
            // A file that replaced one of our results has an original of its own.
            let isNew = claim.source == claim.path && job.outputPath.map { $0 != claim.path } ?? false
            let update = self.statement(setting: self.assignments(for: result, of: type, claim, isNew: isNew), claim)
            guard try session.execute(update.sql, update.arguments) == 1 else { return false }
            Failpoint.rowWriting.hit()

            var names = job.names
            names.remove { $0.token == claim.token }  // Published by now, or removed by the one who made them.
            if case .replaced = result.original, isReplaced { names.add([claim.path], token: claim.token) }
            let output = result.newPath ?? (job.outputPath == played ? job.outputPath : nil)
            // What an earlier success published has lost its place in the row.
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

    /// Ends a try without a result: 2 → 4 with the reason, or 2 → 1 to be tried again when `wait` has gone by.
    public func fail(_ claim: Claim, _ verdict: Verdict, retryAfter wait: Duration?) async throws -> Bool {
        let schema = schema
        var assignments = [Assignment("transcoding_state", wait == nil ? 4 : 1)]
        if wait == nil { assignments.append(Assignment("transcoding_reason", .text(verdict.reason))) }
        let file = statement(setting: assignments, claim)
        let condition = held(claim)
        let now = schema.dialect.milliseconds
        let mark = wait == nil ? ", \(Self.marking(schema))" : ""
        return try await write(or: claim) { session in
            // Every transaction locks the job before the file, so that no two wait for each other.
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
                    // By the database's clock, which the look for what is due goes by too.
                    .int(wait.map { min(max(0, $0.inMilliseconds), schema.longestWait) }),
                ] + condition)
            Failpoint.failing.hit()
            return true
        }
    }

    /// What `files.path` is after a success.
    private func path(after result: FileResult, _ claim: Claim) -> String { result.newPath ?? claim.source }

    /// The one statement that writes `files` for a claim, with every guard in it.
    private func statement(setting assignments: [Assignment], _ claim: Claim) -> (sql: String, arguments: [SQLValue]) {
        let set = assignments.map { "\($0.column) = \($0.expression)" }.joined(separator: ", ")
        let sql = """
            UPDATE \(schema.table("files")) AS f SET \(set)\(touching) WHERE f.id = ? AND f.path = ? \
            AND f.transcoding_state = 2 AND \(schema.isWorkable("f")) \
            AND EXISTS (SELECT 1 FROM \(schema.jobs) WHERE \(Self.heldCondition))
            """
        return (sql, assignments.map(\.value) + touch(now()) + asClaimed(claim) + held(claim))
    }

    /// - Parameter isNew: what is on record as the original is another film's.
    private func assignments(
        for result: FileResult, of type: MediaType, _ claim: Claim, isNew: Bool
    ) -> [Assignment] {
        var set = [
            Assignment("transcoding_state", 3),
            Assignment("transcoding_reason", .text(orNull: result.remark.map(Verdict.cut))),
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
            // What was uploaded stays on record: a file that is done again does not put our own output in its place.
            let kept = isNew ? "?" : "COALESCE(NULLIF(original_path, ''), ?)"
            let original =
                switch result.original {
                case .kept: Assignment("original_path", as: kept, .text(claim.path))
                case .replaced(let other): Assignment("original_path", .text(other))
                case .hidden: Assignment("original_path", as: kept, .null)
                }
            set.append(original)
        } else if isNew {
            // What is right as it was uploaded is its own original.
            set.append(Assignment("original_path", .null))
        }
        // Ten hours are more seconds than PostgreSQL's smallint holds: what is played is right all the same.
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
