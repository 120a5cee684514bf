import Foundation
import SQL

/// A file whose row was written since the site's cached details were deleted: column `forget_cache`.
public struct StaleCacheEntry: Sendable, Equatable {
    public var fileID: Int64
    /// nil if the file's row is gone.
    public var fid: String?
    /// When it is due, in milliseconds by the database's clock. Every write of the row sets it again, so it also identifies the write.
    public var due: Int64
}

/// The cached details that show a file's row, and which of them must still be deleted. The transaction that
/// writes the row sets the mark, which is cleared after the deletion, so that neither a crash nor an unreachable cache leaves an old URL.
extension Site {
    /// Marks a job's file, in a statement's SET.
    static func marking(_ schema: SiteSchema) -> Query { "forget_cache = \(schema.dialect.milliseconds)" }

    /// The mark of one file, due or not; nil if there is nothing to delete.
    public func staleDetails(of fileID: Int64) async throws -> StaleCacheEntry? {
        try await staleDetails(where: "j.file_id = \(fileID) AND j.forget_cache IS NOT NULL").first
    }

    /// Due files, the longest overdue first.
    public func staleDetails(limit: Int) async throws -> [StaleCacheEntry] {
        let isDue: Query = "j.forget_cache <= \(schema.dialect.milliseconds)"
        return try await staleDetails(where: "\(isDue) ORDER BY j.forget_cache, j.file_id LIMIT \(limit)")
    }

    private func staleDetails(where condition: Query) async throws -> [StaleCacheEntry] {
        let sql: Query = """
            SELECT j.file_id AS file_id, j.forget_cache AS forget_cache, f.fid AS fid FROM \(schema.jobs) j \
            LEFT JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE \(condition)
            """
        let rows = try await database.read { session in try session.query(sql) }
        return readable(rows) { row throws(UnreadableValue) in try stale(row) }
    }

    /// The longest duration of a visitor's request, in milliseconds.
    private static let longestRequest: Int64 = 30_000

    /// Clears a mark if the row was written long enough ago: before that, a concurrent request may restore old details, so
    /// they must be deleted once more. A mark that was set again meanwhile stays.
    public func dropped(_ stale: StaleCacheEntry) async throws {
        let restored: Query = "updated_at + \(Self.longestRequest)"
        try await mark(stale, "CASE WHEN \(restored) <= \(schema.dialect.milliseconds) THEN NULL ELSE \(restored) END")
    }

    /// Postpones a mark.
    public func postpone(_ stale: StaleCacheEntry, by wait: Duration) async throws {
        try await mark(stale, "\(schema.dialect.milliseconds) + \(wait.inMilliseconds)")
    }

    private func mark(_ stale: StaleCacheEntry, _ value: Query) async throws {
        let sql: Query = """
            UPDATE \(schema.jobs) SET forget_cache = \(value) WHERE file_id = \(stale.fileID) AND forget_cache = \(stale.due)
            """
        try await database.write { session in try session.execute(sql) }
    }

    /// Files whose row was written within a request's duration, and whose entries were deleted once: concurrent requests may
    /// have restored old details. With the seconds since the row was written.
    public func freshlyWritten(limit: Int) async throws -> [(file: StaleCacheEntry, age: Double)] {
        let now = schema.dialect.milliseconds
        let sql: Query = """
            SELECT j.file_id AS file_id, j.forget_cache AS forget_cache, f.fid AS fid, \(now) - j.updated_at AS age FROM \(schema.jobs) j \
            LEFT JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.forget_cache > \(now) \
            AND j.forget_cache = j.updated_at + \(Self.longestRequest) ORDER BY j.forget_cache LIMIT \(limit)
            """
        let rows = try await database.read { session in try session.query(sql) }
        return readable(rows) { row throws(UnreadableValue) in (try stale(row), Double(row.int("age") ?? 0) / 1000) }
    }

    private func stale(_ row: SQLRow) throws(UnreadableValue) -> StaleCacheEntry {
        let (job, file) = (
            StrictRow(row, table: schema.prefix + JobTable.name, key: "file_id"), StrictRow(row, table: schema.prefix + "files", key: "file_id")
        )
        guard let due = try job.whole("forget_cache") else { throw job.failure("forget_cache") }
        return StaleCacheEntry(fileID: try job.id(), fid: try file.text("fid"), due: due)
    }

    /// What the site may have cached about a file: the file itself, and the posts and comments that use it, in each of the
    /// site's languages. Messages are not cached.
    public func cachedEntries(of fileID: Int64) async throws -> [CachedEntry] {
        let (schema, uses) = (schema, usesQuery(of: fileID))
        let name: Query = "SELECT fid FROM \(schema.table("files")) WHERE id = \(fileID)"
        let languages = try await languages()
        let file = try await database.read { session in
            CachedFile(
                id: fileID, fid: try session.query(name).first?.text("fid"),
                uses: try session.query(uses).map { row in
                    CachedFile.Use(
                        table: row.text("table_name") ?? "", id: row.int("table_id") ?? 0,
                        name: row.text("pid") ?? row.text("cid"), post: row.int("post_id"), parent: row.int("top_parent_id"))
                }, languages: languages)
        }
        // A site with columns of both versions belongs to one of them: the other version's tables do not exist.
        return file.version3 + (schema.hasVersion2Columns ? file.version2 : [])
    }

    private func usesQuery(of fileID: Int64) -> Query {
        var columns: [Query] = ["u.table_name AS table_name", "u.table_id AS table_id"]
        var joins: [Query] = []
        if schema.posts.isSuperset(of: ["id", "pid"]) {
            columns.append("p.pid AS pid")
            joins.append(" LEFT JOIN \(schema.table("posts")) p ON u.table_name = 'posts' AND p.id = u.table_id")
        }
        let ofComments = ["cid", "post_id", "top_parent_id"].filter(schema.comments.contains)
        if !ofComments.isEmpty {
            columns += ofComments.map { "c.\(sql: $0) AS \(sql: $0)" }
            joins.append(" LEFT JOIN \(schema.table("comments")) c ON u.table_name = 'comments' AND c.id = u.table_id")
        }
        return """
            SELECT DISTINCT \(columns.joined(separator: ", ")) FROM \(schema.table("file_usages")) u\(joins.joined(separator: "")) \
            WHERE u.file_id = \(fileID) AND u.deleted_at IS NULL AND u.table_name IN ('posts', 'comments', 'post_logs', 'comment_logs') \
            AND u.table_id IS NOT NULL ORDER BY u.table_name, u.table_id
            """
    }

    /// The `langTag`s of `language_menus`; the default language if there are none.
    func languages() async throws -> [String] {
        struct Menu: Decodable {
            var langTag: String
        }
        if let json = try await configuration("language_menus"),
            let menus = try? JSONDecoder().decode([Menu].self, from: Data(json.utf8)), !menus.isEmpty
        {
            return menus.map(\.langTag)
        }
        return [try await configuration("default_language") ?? "en"]
    }

    /// Deletes entries of Laravel's `database` store. Returns their number.
    @discardableResult
    public func drop(_ entries: [CachedEntry], fromTable name: String, prefixes: [String]) async throws -> Int {
        let keys = prefixes.flatMap { prefix in entries.map { prefix + $0.key } }
        let (table, key) = (schema.table(name), schema.dialect.name("key"))
        var dropped = 0
        for start in stride(from: 0, to: keys.count, by: 200) {
            let page = Query.list(Array(keys[start..<min(start + 200, keys.count)]))
            dropped += try await database.write { session in
                try session.execute("DELETE FROM \(table) WHERE \(key) IN (\(page))")
            }
        }
        return dropped
    }
}
