import Jobs
import SQL

/// The result of one page of the search for expired files.
public struct RetentionPage: Sendable, Equatable {
    /// The last ID checked, where the next page starts; nil if there are no more.
    public var last: Int64?
    /// Files whose names were recorded for removal: `leftovers` returns them.
    public var files: [Int64] = []
}

/// Expired files: leftovers of deleted rows, and originals that are kept for a limited time.
///
/// Each is first removed from its rows and recorded for removal, in one transaction, and then deleted from the disk, as
/// leftovers of a crash are: at no time does a row name a deleted file, or is an unknown file on the disk.
extension Site {
    /// How long a row must be gone before its files are deleted: during a restore, rows are missing for a while.
    public static let goneGrace = Duration.seconds(3600)

    /// Checks the jobs of the next `limit` files.
    ///
    /// - Parameters:
    ///   - originalsAfter: how long after its job the original of a finished file is kept; nil: forever.
    ///   - isRemovable: whether a name is a possible file of the site: a poster's column may contain a URL.
    public func retire(
        after cursor: Int64, limit: Int, originalsAfter: Duration?, goneGrace: Duration = Site.goneGrace,
        isRemovable: @escaping @Sendable (String) -> Bool
    ) async throws -> RetentionPage {
        let page = """
            SELECT MAX(file_id) AS last_id FROM (SELECT file_id FROM \(schema.jobs) WHERE file_id > ? ORDER BY file_id LIMIT ?) page
            """
        let names = "(j.output_path IS NOT NULL OR j.poster_path IS NOT NULL OR j.source_path IS NOT NULL)"
        let marked = schema.files.contains("physical_deletion") ? " OR (\(schema.flag("physical_deletion", of: "f")) AND \(names))" : ""
        let look = """
            SELECT j.file_id AS file_id FROM \(schema.jobs) j LEFT JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.file_id > ? AND j.file_id <= ? AND j.state NOT IN ('running', 'publishing') \
            AND ((f.id IS NULL AND \(names)) OR (f.id IS NOT NULL AND j.gone_at IS NOT NULL)\(marked)\
            \(originalsAfter == nil ? "" : " OR (\(outlived))")) ORDER BY j.file_id
            """
        let age = originalsAfter.map { [SQLValue.integer($0.inMilliseconds)] } ?? []
        let (last, files) = try await database.read { session in
            let last = try session.query(page, [.integer(cursor), .int(limit)]).first?.int("last_id")
            guard let last else { return (Int64?.none, [Int64]()) }
            return (last, try session.query(look, [.integer(cursor), .integer(last)] + age).compactMap { $0.int("file_id") })
        }
        var result = RetentionPage(last: last)
        for file in files {
            // Short transactions: other writers get their turn.
            do {
                guard try await retire(file, originalsAfter, goneGrace, isRemovable) else { continue }
                Failpoint.retired.hit()
                result.files.append(file)
            } catch let error as UnreadableValue {
                note(error)
            }
        }
        return result
    }

    /// A finished file that plays our output, whose original is old enough: one argument, in milliseconds.
    private var outlived: String {
        """
        j.state = 'done' AND f.path = j.output_path AND f.transcoding_state = 3 AND \(schema.isWorkable("f")) \
        AND f.original_path <> '' AND f.original_path <> f.path AND j.finished_at <= \(schema.dialect.milliseconds) - ?
        """
    }

    /// Checks a file again, under the lock. True: names were recorded.
    private func retire(
        _ fileID: Int64, _ originalsAfter: Duration?, _ goneGrace: Duration, _ isRemovable: @escaping @Sendable (String) -> Bool
    ) async throws -> Bool {
        let (schema, touching, touch) = (schema, touching, touch(now()))
        let now = schema.dialect.milliseconds
        let id = SQLValue.integer(fileID)
        let outlived =
            "SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.file_id = ? AND \(outlived)"
        let hasMark = schema.files.contains("physical_deletion")
        let row = """
            SELECT id, path, original_path\(schema.posterColumn.map { ", \($0) AS poster" } ?? "")\
            \(hasMark ? ", physical_deletion" : "") FROM \(schema.table("files")) WHERE id = ?\(schema.dialect.rowLock)
            """
        let poster = schema.posterColumn
        return try await database.write { session in
            guard let job = try JobRow.read(fileID, session, schema), !job.state.isHeld else { return false }
            guard let file = try session.query(row, [id]).first else {
                let isGoneForLong = try session.query(
                    "SELECT 1 FROM \(schema.jobs) WHERE file_id = ? AND gone_at <= \(now) - ?",
                    [id, .integer(goneGrace.inMilliseconds)])
                if isGoneForLong.isEmpty {
                    try session.execute(
                        "UPDATE \(schema.jobs) SET gone_at = \(now) WHERE file_id = ? AND gone_at IS NULL", [id])
                    return false
                }
                return try schema.strike([job.outputPath, job.posterPath, job.sourcePath], of: job, isRemovable, session)
            }
            try session.execute("UPDATE \(schema.jobs) SET gone_at = NULL WHERE file_id = ? AND gone_at IS NOT NULL", [id])

            // An unreadable name must not be removed from the only row that has it.
            let strict = StrictRow(file, table: schema.prefix + "files", key: "id")
            let (path, original, picture) = (try strict.text("path"), try strict.text("original_path"), try strict.text("poster"))
            if try strict.flag("physical_deletion") == true {
                try session.execute(
                    """
                    UPDATE \(schema.table("files")) SET original_path = NULL\(poster.map { ", \($0) = NULL" } ?? "")\(touching) \
                    WHERE id = ?
                    """, touch + [id])
                var names = [original, picture, job.posterPath, job.sourcePath]
                // A file that the site itself uploaded and plays is its own plugin's to delete.
                names.removeAll { $0 == path }
                return try schema.strike(names + [job.outputPath], of: job, isRemovable, session)
            }
            guard let originalsAfter, let original, let path, isRemovable(original),
                try !session.query(outlived, [id, .integer(originalsAfter.inMilliseconds)]).isEmpty,
                original != picture, try !schema.isPlayed(original, besides: fileID, session),
                try session.execute(
                    """
                    UPDATE \(schema.table("files")) SET original_path = NULL\(touching) \
                    WHERE id = ? AND path = ? AND original_path = ?
                    """, touch + [id, .text(path), .text(original)]) == 1
            else { return false }
            return try schema.record([original], of: job, session)
        }
    }
}

extension SiteSchema {
    /// Clears the names of a job's row, and records them for removal, except those that another row plays.
    fileprivate func strike(
        _ names: [String?], of job: JobRow, _ isRemovable: (String) -> Bool, _ session: any SQLSession
    ) throws -> Bool {
        try session.execute(
            """
            UPDATE \(jobs) SET output_path = NULL, poster_path = NULL, source_path = NULL, source_sha = NULL, \
            source_size = NULL, recipe = NULL, gone_at = NULL WHERE file_id = ?
            """, [.integer(job.fileID)])
        var removed: [String] = []
        for case let name? in names where !name.isEmpty && !removed.contains(name) && isRemovable(name) {
            if try !isPlayed(name, session) { removed.append(name) }
        }
        return try removed.isEmpty ? false : record(removed, of: job, session)
    }

    fileprivate func record(_ names: [String], of job: JobRow, _ session: any SQLSession) throws -> Bool {
        var recorded = job.names
        recorded.add(names, token: job.token)
        defer { Failpoint.retiring.hit() }
        return try session.execute(
            "UPDATE \(jobs) SET work_names = ? WHERE file_id = ?", [recorded.value, .integer(job.fileID)]) == 1
    }
}
