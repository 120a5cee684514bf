import SQL

/// A page of the site that shows a file.
public struct FilePage: Sendable, Equatable {
    public enum Kind: String, Sendable { case post, comment }

    public var kind: Kind
    public var address: String
}

/// Addresses of the site's own pages, as Fresns builds them: `{site_url}/{website_post_detail_path}/{pid}`.
extension Site {
    /// The published posts and comments that show the files, at most a few each. Empty for files in messages, and if the site has no
    /// public address.
    public func pages(of files: [Int64]) async throws -> [Int64: [FilePage]] {
        guard !files.isEmpty, let root = try await configuration("site_url").flatMap(Self.rootAddress) else { return [:] }
        var pages: [Int64: [FilePage]] = [:]
        let places: [(FilePage.Kind, table: String, key: String, columns: Set<String>)] = [
            (.post, "posts", "pid", schema.posts), (.comment, "comments", "cid", schema.comments),
        ]
        for (kind, table, key, columns) in places where columns.isSuperset(of: ["id", "deleted_at", key]) {
            let path = try await configuration("website_\(kind.rawValue)_detail_path") ?? kind.rawValue
            let sql: Query = """
                SELECT u.file_id AS file_id, c.\(sql: key) AS name FROM \(schema.table("file_usages")) u \
                JOIN \(schema.table(table)) c ON c.id = u.table_id WHERE u.table_name = \(table) AND u.file_id IN (\(.list(files))) \
                AND u.deleted_at IS NULL AND c.deleted_at IS NULL ORDER BY u.id LIMIT \(files.count * Self.mostPages)
                """
            let rows = try await database.read { session in try session.query(sql) }
            for row in rows {
                guard let file = row.int("file_id"), let name = row.text("name"), Self.isPlain(name), Self.isPlain(path, and: "/") else { continue }
                let page = FilePage(kind: kind, address: "\(root)/\(path)/\(name)")
                if pages[file, default: []].count < Self.mostPages, !pages[file, default: []].contains(page) { pages[file, default: []].append(page) }
            }
        }
        return pages
    }

    private static var mostPages: Int { 3 }

    /// Without its trailing slashes; nil if it is no web address: it becomes a link.
    private static func rootAddress(_ text: String) -> String? {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard ["http://", "https://"].contains(where: { text.lowercased().hasPrefix($0) && text.utf8.count > $0.utf8.count }),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"'<>\\`".utf8.contains($0) })
        else { return nil }
        return text
    }

    private static func isPlain(_ name: String, and more: String = "") -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0) || more.contains($0)) }
    }
}
