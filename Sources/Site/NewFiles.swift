import Foundation
import SQL

/// The highest IDs when a site was scanned: higher IDs came later.
struct SiteMark: Sendable, Equatable {
    var files: Int64
    var usages: Int64
    var messages: Int64
    /// Among the newest files, those announced but not uploaded yet: they keep their ID when the upload arrives.
    var announced: Set<Int64> = []
}

/// Finds files that may have become eligible since an earlier scan. Each statement reads a few rows by ID, however many there are.
extension Site {
    func mark() async throws -> SiteMark {
        let marking = marking
        return try await database.read { session in try marking(session) }
    }

    private var marking: @Sendable (any SQLSession) throws -> SiteMark {
        let (marking, announced) = (markQuery, schema.announced)
        return { session in
            var mark = SiteMark(try session.query(marking).first)
            if let announced { mark.announced = Set(try session.query(announced).compactMap { $0.int("id") }) }
            return mark
        }
    }

    private var markQuery: Query {
        func last(_ name: String) -> Query { "(SELECT MAX(id) FROM \(schema.table(name))) AS \(sql: name)" }
        let messages: Query = schema.messagesNameFiles ? ", \(last("conversation_messages"))" : ""
        return "SELECT \(last("files")), \(last("file_usages"))\(messages)"
    }

    /// Files that may be waiting now: new ones, those with a new usage, and those whose job is queued.
    ///
    /// - Parameter limit: for each of these.
    func arrivals(after mark: SiteMark, limit: Int) async throws -> (mark: SiteMark, files: Set<Int64>) {
        let (marking, looks) = (marking, arrivalQueries(after: mark, limit: limit))
        return try await database.read { session in
            let now = try marking(session)
            var files = mark.announced.subtracting(now.announced)
            for look in looks { files.formUnion(try session.query(look).compactMap { $0.int("file_id") }) }
            return (now, files)
        }
    }

    func arrivalQueries(after mark: SiteMark, limit: Int) -> [Query] {
        var queries: [Query] = [
            """
            SELECT f.id AS file_id FROM \(schema.table("files")) f WHERE f.id > \(mark.files) AND f.type IN (2, 3) \
            AND f.transcoding_state = 1 ORDER BY f.id DESC LIMIT \(limit)
            """,
            """
            SELECT u.file_id AS file_id FROM \(schema.table("file_usages")) u WHERE u.id > \(mark.usages) \
            ORDER BY u.id DESC LIMIT \(limit)
            """,
            "SELECT j.file_id AS file_id FROM \(schema.jobs) j WHERE j.state = 'waiting' AND \(schema.isDue("j.")) LIMIT \(limit)",
        ]
        if schema.messagesNameFiles {
            queries.append(
                """
                SELECT m.message_file_id AS file_id FROM \(schema.table("conversation_messages")) m WHERE m.id > \(mark.messages) \
                AND m.message_file_id IS NOT NULL ORDER BY m.id DESC LIMIT \(limit)
                """)
        }
        return queries
    }
}

extension SiteSchema {
    /// The newest files that were announced but not uploaded; nil if files are never announced (v2). An upload
    /// token is valid for ten minutes. However many files there are, a scan reads a few hundred rows; an upload that arrives after
    /// more newer files waits for the full scan.
    var announced: Query? {
        guard files.contains("is_uploaded") else { return nil }
        let newest: Query = "(SELECT CASE WHEN MAX(id) > 300 THEN MAX(id) - 300 ELSE 0 END FROM \(table("files")))"
        return """
            SELECT n.id AS id FROM \(table("files")) n WHERE n.id > \(newest) AND n.type IN (2, 3) \
            AND NOT \(flag("is_uploaded", of: "n"))
            """
    }

    /// A number that changes once one of them is uploaded: the change is in an old row, so no new row shows it.
    var announcedSum: Query? {
        announced.map { "(SELECT SUM(a.id) FROM (\($0)) a)" }
    }
}

extension SiteMark {
    fileprivate init(_ row: SQLRow?) {
        self.init(
            files: row?.int("files") ?? 0, usages: row?.int("file_usages") ?? 0,
            messages: row?.int("conversation_messages") ?? 0)
    }
}
