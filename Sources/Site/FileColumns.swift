import SQL

/// How a `MediaFile` is read from a row of `files`, whichever columns there are.
extension SiteSchema {
    /// The selected columns of `files f`, under the names that `MediaFile.init(row:)` reads.
    var fileColumns: String {
        var columns = ["id", "fid", "type", "name", "extension", "path", "transcoding_state", "transcoding_reason"].map {
            "f.\($0) AS \($0)"
        }
        columns.append("f.original_path AS original_path")
        columns.append("f.\(enabledColumn) AS is_enabled")
        columns.append("f.deleted_at AS deleted_at")
        for name in [
            "mime", "size", "sha", "sha_type", "md5", "more_json", "warning_type", "is_sensitive", "physical_deletion",
            "is_uploaded", "created_at", "updated_at", "disk",
        ] where files.contains(name) {
            columns.append("f.\(name) AS \(name)")
        }
        if let posterColumn { columns.append("f.\(posterColumn) AS poster_path") }
        columns += first(of: widthColumns, as: "width")
        columns += first(of: heightColumns, as: "height")
        // A mixture has both; each type of file uses one, so the first that is set is right.
        columns += first(
            of: ["duration", "video_time", "audio_time"].filter(files.contains), as: "duration")
        return columns.joined(separator: ", ")
    }

    private func first(of names: [String], as alias: String) -> [String] {
        switch names.count {
        case 0: []
        case 1: ["f.\(names[0]) AS \(alias)"]
        default: ["COALESCE(\(names.map { "f.\($0)" }.joined(separator: ", "))) AS \(alias)"]
        }
    }
}

extension MediaFile {
    init(row: SQLRow) {
        self.init(
            id: row.int("id") ?? 0,
            fid: row.text("fid") ?? "",
            type: MediaType(number: row.int("type") ?? 0),
            name: row.text("name") ?? "",
            mime: row.text("mime"),
            extension: row.text("extension") ?? "",
            size: row.int("size"),
            width: row.int("width"),
            height: row.int("height"),
            duration: row.int("duration"),
            sha: row.text("sha"),
            shaType: row.text("sha_type"),
            md5: row.text("md5"),
            moreJSON: row.text("more_json"),
            warningType: row.int("warning_type") ?? row.int("is_sensitive"),
            disk: row.text("disk"),
            path: row.text("path") ?? "",
            originalPath: row.text("original_path").flatMap { $0.isEmpty ? nil : $0 },
            posterPath: row.text("poster_path").flatMap { $0.isEmpty ? nil : $0 },
            state: row.int("transcoding_state").flatMap(TranscodingState.init) ?? .unknown,
            reason: row.text("transcoding_reason"),
            isEnabled: row.bool("is_enabled") ?? false,
            isDeleted: !row["deleted_at"].isNull,
            isPhysicallyDeleted: row.bool("physical_deletion") ?? false,
            isUploaded: row.bool("is_uploaded") ?? true,
            createdAt: row.text("created_at"),
            updatedAt: row.text("updated_at"))
    }
}
