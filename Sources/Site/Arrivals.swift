import Foundation
import SQL

/// The highest numbers that were given out when a site was looked at: what has one beyond came later.
struct SiteMark: Sendable, Equatable {
    var files: Int64
    var usages: Int64
    var messages: Int64
    /// Of the newest files, those that were announced and had not come: what has come since keeps its number.
    var announced: Set<Int64> = []
}

/// What may have come to wait since an earlier look. Each statement reads a few rows by their numbers, however many there are.
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

    private var markQuery: String {
        func last(_ name: String) -> String { "(SELECT MAX(id) FROM \(schema.table(name))) AS \(name)" }
        let messages = schema.messagesNameFiles ? ", " + last("conversation_messages") : ""
        return "SELECT \(last("files")), \(last("file_usages"))\(messages)"
    }

    /// Files of which one may wait now: new ones, those that something new uses, and those whose job of ours waits for a worker.
    ///
    /// - Parameter limit: of each of these.
    func arrivals(after mark: SiteMark, limit: Int) async throws -> (mark: SiteMark, files: Set<Int64>) {
        let (marking, looks) = (marking, arrivalQueries(after: mark))
        return try await database.read { session in
            let now = try marking(session)
            var files = mark.announced.subtracting(now.announced)
            for (sql, arguments) in looks {
                files.formUnion(try session.query(sql, arguments + [.int(limit)]).compactMap { $0.int("file_id") })
            }
            return (now, files)
        }
    }

    /// Each with its arguments, but for the last one: how many.
    func arrivalQueries(after mark: SiteMark) -> [(sql: String, arguments: [SQLValue])] {
        var queries: [(String, [SQLValue])] = [
            (
                """
                SELECT f.id AS file_id FROM \(schema.table("files")) f WHERE f.id > ? AND f.type IN (2, 3) \
                AND f.transcoding_state = 1 ORDER BY f.id DESC LIMIT ?
                """, [.integer(mark.files)]
            ),
            (
                "SELECT u.file_id AS file_id FROM \(schema.table("file_usages")) u WHERE u.id > ? ORDER BY u.id DESC LIMIT ?",
                [.integer(mark.usages)]
            ),
            (
                """
                SELECT j.file_id AS file_id FROM \(schema.jobs) j WHERE j.state = 'waiting' \
                AND (j.next_at IS NULL OR j.next_at <= \(schema.dialect.milliseconds)) LIMIT ?
                """, []
            ),
        ]
        if schema.messagesNameFiles {
            queries.append(
                (
                    """
                    SELECT m.message_file_id AS file_id FROM \(schema.table("conversation_messages")) m WHERE m.id > ? \
                    AND m.message_file_id IS NOT NULL ORDER BY m.id DESC LIMIT ?
                    """, [.integer(mark.messages)]
                ))
        }
        return queries
    }
}

extension SiteSchema {
    /// Those of the newest files that were announced and have not come; nil where files are never announced (v2). A token to
    /// upload holds for ten minutes. However many files there are, a look reads a few hundred rows; what comes later than after
    /// so many others waits for the look through everything.
    var announced: String? {
        guard files.contains("is_uploaded") else { return nil }
        let newest = "(SELECT CASE WHEN MAX(id) > 300 THEN MAX(id) - 300 ELSE 0 END FROM \(table("files")))"
        return """
            SELECT n.id AS id FROM \(table("files")) n WHERE n.id > \(newest) AND n.type IN (2, 3) \
            AND NOT \(flag("is_uploaded", of: "n"))
            """
    }

    /// A number that differs once one of them has come: the change is in an old row, so that no new one tells of it.
    var announcedSum: String? {
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
