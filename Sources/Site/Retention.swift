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
        let page: Query = """
            SELECT MAX(file_id) AS last_id FROM (SELECT file_id FROM \(schema.jobs) WHERE file_id > \(cursor) \
            ORDER BY file_id LIMIT \(limit)) page
            """
        let names: Query = "(j.output_path IS NOT NULL OR j.poster_path IS NOT NULL OR j.source_path IS NOT NULL)"
        let marked: Query =
            schema.files.contains("physical_deletion") ? " OR (\(schema.flag("physical_deletion", of: "f")) AND \(names))" : ""
        let found: Query = """
            SELECT j.file_id AS file_id FROM \(schema.jobs) j LEFT JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.file_id > \(cursor) AND j.state NOT IN ('running', 'publishing') \
            AND ((f.id IS NULL AND \(names)) OR (f.id IS NOT NULL AND j.gone_at IS NOT NULL)\(marked)\
            \(originalsAfter.map { " OR (\(outlived($0)))" } ?? ""))
            """
        let files = schema.table("files")
        let (last, retired) = try await database.read { session in
            let last = try session.query(page).first?.int("last_id")
            guard let last else { return (Int64?.none, [Int64]()) }
            let end = try session.query("SELECT MAX(id) AS last_id FROM \(files)").first?.int("last_id") ?? -1
            let look: Query = "\(found) AND j.file_id <= \(last) AND (f.id IS NOT NULL OR j.file_id < \(end)) ORDER BY j.file_id"
            return (last, try session.query(look).compactMap { $0.int("file_id") })
        }
        var result = RetentionPage(last: last)
        for file in retired {
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

    /// A finished file that plays our output, whose original is older than that.
    private func outlived(_ age: Duration) -> Query {
        """
        j.state = 'done' AND f.path = j.output_path AND f.transcoding_state = 3 AND \(schema.isWorkable("f")) \
        AND f.original_path <> '' AND f.original_path <> f.path AND j.finished_at <= \(schema.dialect.milliseconds) - \(age.inMilliseconds)
        """
    }

    /// Checks a file again, under the lock. True: names were recorded.
    private func retire(
        _ fileID: Int64, _ originalsAfter: Duration?, _ goneGrace: Duration, _ isRemovable: @escaping @Sendable (String) -> Bool
    ) async throws -> Bool {
        let (schema, touch) = (schema, touch)
        let now = schema.dialect.milliseconds
        let isOutlived = originalsAfter.map { age -> Query in
            """
            SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.file_id = \(fileID) AND \(outlived(age))
            """
        }
        let hasMark = schema.files.contains("physical_deletion")
        let row: Query = """
            SELECT id, path, original_path\(schema.posterColumn.map { ", \(sql: $0) AS poster" } ?? "")\
            \(hasMark ? ", physical_deletion" : "") FROM \(schema.table("files")) WHERE id = \(fileID)\(schema.dialect.rowLock)
            """
        let poster = schema.posterColumn
        return try await database.write { session in
            guard let job = try JobRow.read(fileID, session, schema), !job.state.isHeld else { return false }
            guard let file = try session.query(row).first else {
                // A table that ends before this file is older than our rows, or is being imported: it says nothing about it.
                let end = try session.query("SELECT MAX(id) AS last_id FROM \(schema.table("files"))").first?.int("last_id")
                guard let end, end > fileID else {
                    try session.execute("UPDATE \(schema.jobs) SET gone_at = NULL WHERE file_id = \(fileID) AND gone_at IS NOT NULL")
                    return false
                }
                let isGoneForLong = try session.query(
                    "SELECT 1 FROM \(schema.jobs) WHERE file_id = \(fileID) AND gone_at <= \(now) - \(goneGrace.inMilliseconds)")
                if isGoneForLong.isEmpty {
                    try session.execute("UPDATE \(schema.jobs) SET gone_at = \(now) WHERE file_id = \(fileID) AND gone_at IS NULL")
                    return false
                }
                return try schema.strike([job.outputPath, job.posterPath, job.sourcePath], of: job, isRemovable, session)
            }
            try session.execute("UPDATE \(schema.jobs) SET gone_at = NULL WHERE file_id = \(fileID) AND gone_at IS NOT NULL")

            // An unreadable name must not be removed from the only row that has it.
            let strict = StrictRow(file, table: schema.prefix + "files", key: "id")
            let (path, original, picture) = (try strict.text("path"), try strict.text("original_path"), try strict.text("poster"))
            if try strict.flag("physical_deletion") == true {
                try session.execute(
                    """
                    UPDATE \(schema.table("files")) SET original_path = NULL\(poster.map { ", \(sql: $0) = NULL" } ?? "")\(touch) \
                    WHERE id = \(fileID)
                    """)
                var names = [original, picture, job.posterPath, job.sourcePath]
                // A file that the site itself uploaded and plays is its own plugin's to delete.
                names.removeAll { $0 == path }
                return try schema.strike(names + [job.outputPath], of: job, isRemovable, session)
            }
            guard let isOutlived, let original, let path, isRemovable(original), try !session.query(isOutlived).isEmpty,
                original != picture, try !schema.isPlayed(original, besides: fileID, session),
                try session.execute(
                    """
                    UPDATE \(schema.table("files")) SET original_path = NULL\(touch) \
                    WHERE id = \(fileID) AND path = \(path) AND original_path = \(original)
                    """) == 1
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
            source_size = NULL, recipe = NULL, gone_at = NULL WHERE file_id = \(job.fileID)
            """)
        var removed: [String] = []
        for case let name? in names where !name.isEmpty && !removed.contains(name) && isRemovable(name) {
            if try !isPlayed(name, session) { removed.append(name) }
        }
        return try removed.isEmpty ? false : record(removed, of: job, session)
    }

    fileprivate func record(_ names: [String], of job: JobRow, _ session: any SQLSession) throws -> Bool {
        var recorded = job.names
        recorded.add(names, token: job.token, store: job.store)
        defer { Failpoint.retiring.hit() }
        return try session.execute("UPDATE \(jobs) SET work_names = \(recorded.value) WHERE file_id = \(job.fileID)") == 1
    }
}
