import SQL

/// How to read a `MediaFile` from a row of `files`, whichever columns exist.
extension SiteSchema {
    /// The selected columns of `files f`, with the aliases that `MediaFile.init(row:)` reads.
    var fileColumns: Query {
        let names = [
            "id", "fid", "type", "name", "extension", "path", "transcoding_state", "transcoding_reason", "original_path", "deleted_at",
            "mime", "size", "sha", "sha_type", "md5", "more_json", "warning_type", "is_sensitive", "physical_deletion",
            "is_uploaded", "created_at", "updated_at", "disk",
        ]
        var columns: [Query] = names.filter(files.contains).map { "f.\(sql: $0) AS \(sql: $0)" }
        columns.append("f.\(sql: enabledColumn) AS is_enabled")
        if let posterColumn { columns.append("f.\(sql: posterColumn) AS poster_path") }
        columns += first(of: widthColumns, as: "width")
        columns += first(of: heightColumns, as: "height")
        // A mixed schema has both; each file type uses one, so the first value that is set is right.
        columns += first(
            of: ["duration", "video_time", "audio_time"].filter(files.contains), as: "duration")
        return columns.joined(separator: ", ")
    }

    private func first(of names: [String], as alias: Query) -> [Query] {
        switch names.count {
        case 0: []
        case 1: ["f.\(sql: names[0]) AS \(alias)"]
        default: ["COALESCE(\(names.map { "f.\(sql: $0)" }.joined(separator: ", "))) AS \(alias)"]
        }
    }
}

extension MediaFile {
    /// Throws, with its location, for a value that Fresns never writes.
    init(_ row: SQLRow, table: String) throws(UnreadableValue) {
        let row = StrictRow(row, table: table, key: "id")
        guard let path = try row.text("path") else { throw row.failure("path") }
        guard let state = try row.whole("transcoding_state") else { throw row.failure("transcoding_state") }
        guard let type = try row.whole("type") else { throw row.failure("type") }
        var warning = try row.whole("warning_type")
        if warning == nil { warning = try row.whole("is_sensitive") }
        self.init(
            id: try row.id(),
            fid: try row.text("fid") ?? "",
            type: MediaType(number: type),
            name: try row.text("name") ?? "",
            mime: try row.text("mime"),
            extension: try row.text("extension") ?? "",
            size: try row.whole("size"),
            width: try row.whole("width"),
            height: try row.whole("height"),
            duration: try row.whole("duration"),
            sha: try row.text("sha"),
            shaType: try row.text("sha_type"),
            md5: try row.text("md5"),
            moreJSON: try row.text("more_json"),
            warningType: warning,
            disk: try row.text("disk"),
            path: path,
            originalPath: try row.text("original_path").flatMap { $0.isEmpty ? nil : $0 },
            posterPath: try row.text("poster_path").flatMap { $0.isEmpty ? nil : $0 },
            state: TranscodingState(rawValue: state) ?? .unknown,
            reason: try row.text("transcoding_reason"),
            isEnabled: try row.flag("is_enabled") ?? false,
            isDeleted: !row.row["deleted_at"].isNull,
            isPhysicallyDeleted: try row.flag("physical_deletion") ?? false,
            isUploaded: try row.flag("is_uploaded") ?? true,
            createdAt: try row.text("created_at"),
            updatedAt: try row.text("updated_at"))
    }
}
