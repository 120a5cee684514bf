public import SQL

/// The columns of Fresns that a database has. Versions differ, and an upgraded site has a mixture, so this reads the
/// existing columns, and every statement names the columns that it uses.
public struct SiteSchema: Sendable, Equatable {
    public let prefix: String
    public let dialect: SQLDialect
    /// The columns of `files` and of `file_usages`.
    public let files: Set<String>
    public let usages: Set<String>
    /// The largest number of a column of `files`, unless it exceeds all of ours.
    let largest: [String: Int64]
    /// Boolean columns of `files` that the database stores as numbers: PostgreSQL does not accept those as
    /// condition.
    let numericFlags: Set<String>
    /// The columns of `posts` and of `comments`; empty if our user cannot see them.
    public let posts: Set<String>
    public let comments: Set<String>
    /// Whether messages name their file themselves (`conversation_messages.message_file_id`).
    public let messagesNameFiles: Bool
    public let hasConfigs: Bool
    /// Milliseconds: a time further ahead than this was written by another clock, and counts as due.
    var longestWait: Int64
    /// See `SiteSettings`.
    var hasEndpoint = false

    /// Whether the columns are those of Fresns 2, wholly or in part.
    public var hasVersion2Columns: Bool { files.contains("video_time") || files.contains("image_width") }

    /// Without these, work cannot be found or written back.
    private static let requiredOfFiles = [
        "id", "fid", "type", "name", "extension", "path", "transcoding_state", "transcoding_reason", "original_path",
        "deleted_at",
    ]
    private static let requiredOfUsages = ["id", "file_id", "table_name", "table_id", "deleted_at"]

    static func read(from database: any SQLDatabase, prefix: String, databaseName: String, longestWait: Int64 = 86_400_000 * 9) async throws -> SiteSchema {
        func columns(_ table: String) async throws -> Set<String>? {
            try await database.columns(of: prefix + table).map { Set($0.map(\.name)) }
        }
        let fileColumns = try await database.columns(of: prefix + "files")
        let files = fileColumns.map { Set($0.map(\.name)) }
        let usages = try await columns("file_usages")
        var missing: [String] = []
        for (table, columns, required) in [
            ("files", files, requiredOfFiles), ("file_usages", usages, requiredOfUsages),
        ] {
            if let columns {
                missing += required.filter { !columns.contains($0) }.map { "column \(prefix)\(table).\($0)" }
            } else {
                missing.append("table \(prefix)\(table)")
            }
        }
        if let files, files.isDisjoint(with: ["is_enabled", "is_enable"]) {
            missing.append("column \(prefix)files.is_enabled")
        }
        guard let files, let usages, missing.isEmpty else {
            throw SiteError.notFresns(
                database: databaseName, missing: missing, hint: try await hint(database, prefix: prefix))
        }
        return SiteSchema(
            prefix: prefix, dialect: database.dialect, files: files, usages: usages,
            largest: (fileColumns ?? []).reduce(into: [:]) { $0[$1.name] = $1.largest(database.dialect) },
            numericFlags: Set(
                (fileColumns ?? []).filter { database.dialect == .postgresql && $0.type != "boolean" }.map(\.name)),
            posts: try await columns("posts") ?? [], comments: try await columns("comments") ?? [],
            messagesNameFiles: try await columns("conversation_messages")?.isSuperset(of: ["id", "message_file_id", "deleted_at"])
                ?? false,
            hasConfigs: try await columns("configs")?.isSuperset(of: ["item_key", "item_value"]) ?? false,
            longestWait: longestWait)
    }

    /// The most common mistake is a wrong prefix: names the prefix of Fresns' tables, if there are any.
    private static func hint(_ database: any SQLDatabase, prefix: String) async throws -> String? {
        let (tables, last) = (try await database.tables(), "file_usages")
        let prefixes = tables.filter { $0.hasSuffix(last) }.map { String($0.dropLast(last.count)) }
            .filter { $0 != prefix && tables.contains($0 + "files") }
        guard !prefixes.isEmpty else { return nil }
        let names = prefixes.sorted().map { $0.isEmpty ? "no prefix" : "the prefix \($0)" }.joined(separator: " or ")
        return "Its tables have \(names): set DB_PREFIX in the site's .env accordingly."
    }

    /// A table's name, prefixed and quoted.
    func table(_ name: String) -> Query { dialect.name(prefix + name) }

    var jobs: Query { table(JobTable.name) }

    /// The next attempt of a row of our table is in the future.
    ///
    /// - Parameter j: the table's name in the statement, with a trailing dot; empty if not needed.
    func isEarly(_ j: Query) -> Query {
        "\(j)next_at > \(dialect.milliseconds) AND \(j)next_at <= \(dialect.milliseconds) + \(longestWait)"
    }

    /// It is due, or none is planned.
    func isDue(_ j: Query) -> Query {
        "(\(j)next_at IS NULL OR \(j)next_at <= \(dialect.milliseconds) OR \(j)next_at > \(dialect.milliseconds) + \(longestWait))"
    }
}

/// The columns whose names changed between versions.
extension SiteSchema {
    private func present(_ names: [String]) -> [String] { names.filter(files.contains) }

    var enabledColumn: String { files.contains("is_enabled") ? "is_enabled" : "is_enable" }
    var widthColumns: [String] { present(["width", "image_width"]) }
    var heightColumns: [String] { present(["height", "image_height"]) }
    /// `video_cover_path` is the poster up to v2.5.
    var posterColumn: String? { present(["video_poster_path", "video_cover_path"]).first }

    func durationColumns(of type: MediaType) -> [String] {
        present(["duration", type == .audio ? "audio_time" : "video_time"])
    }
}

/// Conditions on a row of `files` named `f`.
extension SiteSchema {
    /// The row is media, and neither deleted nor disabled nor marked for deletion.
    func isAlive(_ f: Query) -> Query {
        var conditions: [Query] = ["\(f).type IN (2, 3)", "\(f).deleted_at IS NULL", flag(enabledColumn, of: f)]
        if files.contains("physical_deletion") { conditions.append("NOT \(flag("physical_deletion", of: f))") }
        if files.contains("is_uploaded") { conditions.append(flag("is_uploaded", of: f)) }
        return conditions.joined(separator: " AND ")
    }

    /// The row is alive, and where we read and write: shared by discovery and every guard of a write.
    func isWorkable(_ f: Query) -> Query { "\(isAlive(f)) AND \(isReachable(f))" }

    /// A bare boolean column: every database accepts that, and PostgreSQL requires it. Numeric columns are compared.
    func flag(_ column: String, of f: Query) -> Query {
        numericFlags.contains(column) ? "(\(f).\(sql: column) <> 0)" : "\(f).\(sql: column)"
    }

    /// Something published uses the file. Drafts (`post_logs`, `comment_logs`) do not count, nor avatars and the like, nor
    /// deleted content: Fresns deletes a post and keeps its usages.
    func isAttached(_ f: Query) -> Query {
        "(EXISTS (\(usage(of: f)))\(messagesNameFiles ? " OR EXISTS (\(message(of: f)))" : ""))"
    }

    /// A message uses the file.
    func isMessage(_ f: Query) -> Query {
        "(EXISTS (\(usage(of: f, places: messagePlaces)))\(messagesNameFiles ? " OR EXISTS (\(message(of: f)))" : ""))"
    }

    /// As `isAttached`, and the file, or its user, is from `since` or later, as the site's tables write it; nil: of any time.
    func isAttached(_ f: Query, since: String?) -> Query {
        guard let since else { return isAttached(f) }
        var choices: [Query] = [
            "(\(f).created_at >= \(since) AND \(isAttached(f)))",
            "EXISTS (\(usage(of: f)) AND u.created_at >= \(since))",
        ]
        if messagesNameFiles { choices.append("EXISTS (\(message(of: f)) AND m.created_at >= \(since))") }
        return "(\(choices.joined(separator: " OR ")))"
    }

    private func usage(of f: Query, places: [Query]? = nil) -> Query {
        """
        SELECT 1 FROM \(table("file_usages")) u WHERE u.file_id = \(f).id AND u.deleted_at IS NULL \
        AND (\((places ?? postPlaces + messagePlaces).joined(separator: " OR ")))
        """
    }

    private var postPlaces: [Query] {
        [
            place("posts", isVisible: posts.isSuperset(of: ["id", "deleted_at"])),
            place("comments", isVisible: comments.isSuperset(of: ["id", "deleted_at"])),
        ]
    }

    private var messagePlaces: [Query] {
        [place("conversations", isVisible: false), place("conversation_messages", isVisible: messagesNameFiles)]
    }

    /// A usage `u` belongs to a row of that table that exists and is not deleted, if we can see it.
    private func place(_ name: String, isVisible: Bool) -> Query {
        guard isVisible else { return "u.table_name = \(name)" }
        return """
            (u.table_name = \(name) AND EXISTS (SELECT 1 FROM \(table(name)) c WHERE c.id = u.table_id AND c.deleted_at IS NULL))
            """
    }

    private func message(of f: Query) -> Query {
        """
        SELECT 1 FROM \(table("conversation_messages")) m WHERE m.message_file_id = \(f).id AND m.deleted_at IS NULL
        """
    }
}
