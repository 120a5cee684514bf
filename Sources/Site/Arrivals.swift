import Foundation
import SQL

/// The highest numbers that were given out when a site was looked at: what has one beyond came later.
struct SiteMark: Sendable, Equatable {
    var files: Int64
    var usages: Int64
    var messages: Int64
}

/// What may have come to wait since an earlier look. Each statement reads a few rows by their numbers, however many there are.
extension Site {
    func mark() async throws -> SiteMark {
        let sql = markQuery
        return try await database.read { session in SiteMark(try session.query(sql).first) }
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
        let (marking, looks) = (markQuery, arrivalQueries(after: mark))
        return try await database.read { session in
            let now = SiteMark(try session.query(marking).first)
            var files: Set<Int64> = []
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
                AND \(schema.isDue("j.")) LIMIT ?
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

extension SiteMark {
    fileprivate init(_ row: SQLRow?) {
        self.init(
            files: row?.int("files") ?? 0, usages: row?.int("file_usages") ?? 0,
            messages: row?.int("conversation_messages") ?? 0)
    }
}
