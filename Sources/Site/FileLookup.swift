public import Foundation
import SQL

/// Looks up files by the names that people use.
extension Site {
    public func file(id: Int64) async throws -> MediaFile? {
        try await files(where: "f.id = \(id)").first
    }

    public func file(fid: String) async throws -> MediaFile? {
        try await files(where: "f.fid = \(fid)").first
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
        let used: Query = """
            SELECT u.file_id FROM \(schema.table("file_usages")) u WHERE u.table_name = \(table) AND u.table_id = \(primaryID) \
            AND u.deleted_at IS NULL
            """
        var named: Query = ""
        // Since v3, a message's usage row has the conversation's ID, and the message itself names its file.
        let key = ["conversation_messages": "id", "conversations": "conversation_id"][table]
        if let key, schema.messagesNameFiles {
            named = """
                 UNION SELECT m.message_file_id FROM \(schema.table("conversation_messages")) m \
                WHERE m.\(sql: key) = \(primaryID) AND m.deleted_at IS NULL AND m.message_file_id IS NOT NULL
                """
        }
        return try await files(where: "f.type IN (2, 3) AND f.id IN (\(used)\(named))", limit: limit)
    }

    /// Those of the files that are ready to start now.
    public func due(among files: [Int64], since: Date? = nil) async throws -> Set<Int64> {
        guard !files.isEmpty else { return [] }
        let sql: Query = """
            SELECT f.id AS id \(waitingSource(since: since)) AND f.id IN (\(.list(files))) \
            AND (j.state IS NULL OR j.state <> 'waiting' OR \(schema.isDue("j.")))
            """
        return Set(try await database.read { session in try session.query(sql).compactMap { $0.int("id") } })
    }

    private func files(where condition: Query, limit: Int? = nil) async throws -> [MediaFile] {
        let sql: Query = """
            SELECT \(schema.fileColumns) FROM \(schema.table("files")) f WHERE \(condition) ORDER BY f.id\
            \(limit.map { " LIMIT \($0)" } ?? "")
            """
        let table = schema.prefix + "files"
        return try await database.read { session in try session.query(sql).map { try MediaFile($0, table: table) } }
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

        let attached: Query = "SELECT 1 FROM \(schema.table("files")) f WHERE f.id = \(file.id) AND \(schema.isAttached("f"))"
        if let absence = try await absence(of: file) { return absence }
        let draft: Query = """
            SELECT 1 FROM \(schema.table("file_usages")) u WHERE u.file_id = \(file.id) AND u.deleted_at IS NULL \
            AND u.table_name IN ('post_logs', 'comment_logs')
            """
        let used: Query = """
            SELECT 1 FROM \(schema.table("file_usages")) u WHERE u.file_id = \(file.id) AND u.deleted_at IS NULL \
            AND u.table_name IN ('posts', 'comments', 'conversation_messages')
            """
        return try await database.read { session in
            if try !session.query(attached).isEmpty { return nil }
            if try !session.query(used).isEmpty { return "\(name) is attached only to deleted content." }
            return try session.query(draft).isEmpty
                ? "\(name) is not attached to a post, comment or message."
                : "\(name) is attached to a draft only, not to a published post, comment or message."
        }
    }
}
