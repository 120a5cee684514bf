public import Foundation
import SQL

/// Looks up files by the names that people use.
extension Site {
    public func file(id: Int64) async throws -> MediaFile? {
        try await files(where: "f.id = ?", [.integer(id)]).first
    }

    public func file(fid: String) async throws -> MediaFile? {
        try await files(where: "f.fid = ?", [.text(fid)]).first
    }

    /// The video and audio files of one post, comment, message or conversation, in the order of their usages. `refusal(of:)`
    /// tells whether each is eligible. Throws `SiteError.unknownTable`.
    ///
    /// - Parameters:
    ///   - table: without the prefix, as in Fresns' notification.
    ///   - limit: a conversation may have any number.
    public func files(attachedTo table: String, primaryID: Int64, limit: Int? = nil) async throws -> [MediaFile] {
        guard ["posts", "comments", "conversations", "conversation_messages"].contains(table) else {
            throw SiteError.unknownTable(table)
        }
        var ids = """
            SELECT u.file_id FROM \(schema.table("file_usages")) u WHERE u.table_name = ? AND u.table_id = ? \
            AND u.deleted_at IS NULL
            """
        var arguments: [SQLValue] = [.text(table), .integer(primaryID)]
        // Since v3, a message's usage row has the conversation's ID, and the message itself names its file.
        let key = ["conversation_messages": "id", "conversations": "conversation_id"][table]
        if let key, schema.messagesNameFiles {
            ids += """
                 UNION SELECT m.message_file_id FROM \(schema.table("conversation_messages")) m \
                WHERE m.\(key) = ? AND m.deleted_at IS NULL AND m.message_file_id IS NOT NULL
                """
            arguments.append(.integer(primaryID))
        }
        return try await files(where: "f.type IN (2, 3) AND f.id IN (\(ids))", arguments, limit: limit)
    }

    /// Those of the files that are ready to start now.
    public func due(among files: [Int64], since: Date? = nil) async throws -> Set<Int64> {
        guard !files.isEmpty else { return [] }
        let places = Array(repeating: "?", count: files.count).joined(separator: ", ")
        let sql = """
            SELECT f.id AS id \(waitingSource(since: since)) AND f.id IN (\(places)) \
            AND (j.state IS NULL OR j.state <> 'waiting' OR \(schema.isDue("j.")))
            """
        let arguments = sinceArguments(since) + files.map(SQLValue.integer)
        return Set(try await database.read { session in try session.query(sql, arguments).compactMap { $0.int("id") } })
    }

    private func files(where condition: String, _ arguments: [SQLValue], limit: Int? = nil) async throws -> [MediaFile] {
        let sql = """
            SELECT \(schema.fileColumns) FROM \(schema.table("files")) f WHERE \(condition) ORDER BY f.id\
            \(limit.map { " LIMIT \($0)" } ?? "")
            """
        let table = schema.prefix + "files"
        return try await database.read { session in try session.query(sql, arguments).map { try MediaFile($0, table: table) } }
    }

    /// Why a file is not eligible, as a sentence; nil if it is. Ignores its `transcoding_state`.
    public func refusal(of file: MediaFile) async throws -> String? {
        let name = "File \(file.id)"
        switch file.type {
        case .image: return "\(name) is an image; only video and audio files are transcoded."
        case .document: return "\(name) is a document; only video and audio files are transcoded."
        case .other(let number): return "\(name) has the unknown type \(number); only video and audio files are transcoded."
        case .video, .audio: break
        }
        if file.isPhysicallyDeleted { return "\(name) is marked for physical deletion." }
        if file.isDeleted { return "\(name) is deleted." }
        if !file.isEnabled { return "\(name) is disabled." }
        if !file.isUploaded { return "\(name) is not uploaded yet." }

        let attached = "SELECT 1 FROM \(schema.table("files")) f WHERE f.id = ? AND \(schema.isAttached("f"))"
        if let absence = try await absence(of: file) { return absence }
        let draft = """
            SELECT 1 FROM \(schema.table("file_usages")) u WHERE u.file_id = ? AND u.deleted_at IS NULL \
            AND u.table_name IN ('post_logs', 'comment_logs')
            """
        let used = """
            SELECT 1 FROM \(schema.table("file_usages")) u WHERE u.file_id = ? AND u.deleted_at IS NULL \
            AND u.table_name IN ('posts', 'comments', 'conversation_messages')
            """
        return try await database.read { session in
            if try !session.query(attached, [.integer(file.id)]).isEmpty { return nil }
            if try !session.query(used, [.integer(file.id)]).isEmpty { return "\(name) is attached only to deleted content." }
            return try session.query(draft, [.integer(file.id)]).isEmpty
                ? "\(name) is not attached to a post, comment or message."
                : "\(name) is attached to a draft only, not to a published post, comment or message."
        }
    }
}
