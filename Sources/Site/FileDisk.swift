public import Foundation
import Jobs
import SQL

/// Which store has a file: the site's storage folder, or a bucket. The only place that decides it.
///
/// Since v3, Fresns decides by type, in the configuration `video_filesystem_disk` or `audio_filesystem_disk`, as v2.0 did; in
/// the rest of v2, each row has its own `disk`. Either is exactly `local` or `remote`, and may change at runtime: so it is part
/// of the statement that finds, claims or writes a file. A file on neither, or in a bucket that the settings do not name, is
/// skipped: its URL points to another store, whatever is at its path on this host.
///
/// Conditions on a row of `files` named `f`.
extension SiteSchema {
    var hasDiskColumn: Bool { files.contains("disk") }

    /// It is where we read and write.
    func isReachable(_ f: Query) -> Query { "(\(isOn("local", f)) OR (\(isOn("remote", f)) AND \(hasBucket(f))))" }

    func isIn(_ store: FileStore, _ f: Query) -> Query {
        switch store {
        case .disk: isOn("local", f)
        case .videos: "(\(f).type = 2 AND \(isOn("remote", f)))"
        case .audios: "(\(f).type = 3 AND \(isOn("remote", f)))"
        }
    }

    /// An expression: the store of a reachable row, as `FileStore` writes it.
    func store(_ f: Query) -> Query {
        "CASE WHEN \(isIn(.videos, f)) THEN \(FileStore.videos.rawValue) WHEN \(isIn(.audios, f)) THEN \(FileStore.audios.rawValue) ELSE \(FileStore.disk.rawValue) END"
    }

    private func isOn(_ disk: String, _ f: Query) -> Query {
        if hasDiskColumn { return "(\(dialect.isExactly("\(f).disk", disk)))" }
        return byType(f) { kind in
            """
            EXISTS (SELECT 1 FROM \(table("configs")) d WHERE d.item_key = \(Self.diskSetting(kind)) \
            AND \(dialect.isExactly("d.item_value", disk)))
            """
        }
    }

    /// The settings of its type name a bucket, a key to it, and a store that speaks S3: its endpoint, or else a region of Amazon's. Other
    /// plugins (Qiniu, Aliyun, Tencent) keep the names of their own regions in the same settings.
    private func hasBucket(_ f: Query) -> Query {
        byType(f) { kind in
            let keys = BucketSettings.required.map { key -> Query in "\(BucketSettings.key(kind, key))" }.joined(separator: ", ")
            func names(_ key: String, _ condition: Query) -> Query {
                "EXISTS (SELECT 1 FROM \(table("configs")) s WHERE s.item_key = \(BucketSettings.key(kind, key)) AND s.item_value <> ''\(condition))"
            }
            let hasKeys: Query =
                "(SELECT COUNT(*) FROM \(table("configs")) b WHERE b.item_key IN (\(keys)) AND b.item_value <> '') = \(BucketSettings.required.count)"
            guard !hasEndpoint else { return hasKeys }
            let isForeign = names("bucket_region", " AND s.item_value NOT LIKE '%-%-_'")
            return "(\(hasKeys) AND (\(names("bucket_endpoint", "")) OR NOT \(isForeign)))"
        }
    }

    private func byType(_ f: Query, _ condition: (String) -> Query) -> Query {
        // Without the configuration, the disk is unknown: better no result than one that replaces a playing video.
        guard hasConfigs else { return "(1 = 0)" }
        return "(CASE \(f).type WHEN 2 THEN \(condition("video")) WHEN 3 THEN \(condition("audio")) ELSE FALSE END)"
    }

    static func diskSetting(_ kind: String) -> String { "\(kind)_filesystem_disk" }
}

/// The files of one type that are neither on this host's disk nor in a bucket that the settings name.
public struct FilesOnForeignDisks: Sendable, Equatable {
    public var type: MediaType
    /// The setting: a configuration key, or `files.disk`.
    public var setting: String
    /// Its value; nil if not set.
    public var disk: String?
    /// Skipped files in state 1; stops at `SiteCounts.bound`.
    public var waiting = 0
    /// Files that failed as missing although they never were on this disk: an older version did that.
    public var missed = 0

    public init(type: MediaType, setting: String, disk: String?, waiting: Int = 0, missed: Int = 0) {
        self.type = type
        self.setting = setting
        self.disk = disk
        self.waiting = waiting
        self.missed = missed
    }

    /// Whether it is one of the two values that Fresns knows.
    public var isKnown: Bool { disk == "remote" || disk == "local" }

    /// Without their number: `videos`.
    public var noun: String { type == .audio ? "audio files" : "videos" }

    /// The setting with its value: `video_filesystem_disk is “remote”`.
    public var cause: String {
        guard let disk else { return "\(setting) is not set" }
        return "\(setting) is “\(disk)”" + (isKnown ? "" : ", which is neither “local” nor “remote”")
    }

    /// A sentence about the waiting ones.
    public var sentence: String {
        let (what, verb) = waiting == 1 ? ("1 \(noun.dropLast())", "is") : ("\(waiting) \(noun)", "are")
        return "\(what) \(verb) not on this host's disk (\(cause)) and \(verb) skipped\(lack)."
    }

    /// What a bucket needs before it can be used.
    private var lack: String {
        disk == "remote" ? "; the settings of their storage do not name a bucket, the key to it, and an S3 endpoint or a region of Amazon's" : ""
    }
}

extension Site {
    /// The disk of a kind of file in the configuration, for `video` or `audio`; nil if not set.
    public func disk(of kind: String) async throws -> String? { try await configuration(SiteSchema.diskSetting(kind)) }

    /// Files on disks other than this host's that wait, or failed as missing. Also reports the setting if there are no
    /// such files.
    public func elsewhere(since: Date? = nil) async throws -> [FilesOnForeignDisks] {
        let disk: Query = schema.hasDiskColumn ? "f.disk" : "NULL"
        func grouped(_ source: Query) -> Query {
            """
            SELECT type, disk, COUNT(*) AS files FROM (SELECT f.type AS type, \(disk) AS disk \(source) \
            LIMIT \(SiteCounts.bound)) w GROUP BY type, disk ORDER BY type, disk
            """
        }
        let waiting = grouped(
            """
            FROM \(schema.table("files")) f WHERE f.transcoding_state = 1 AND \(schema.isAlive("f")) \
            AND NOT \(schema.isReachable("f")) AND \(schema.isAttached("f", since: since.map(clock.text)))
            """)
        let waitingRows = try await database.read { session in try session.query(waiting) }
        let missedRows = try await ofJobs(grouped(missedSource))
        var all: [FilesOnForeignDisks] = []
        func entry(_ type: MediaType, _ disk: String?) -> Int {
            if let index = all.firstIndex(where: { $0.type == type && $0.disk == disk }) { return index }
            let kind = type == .audio ? "audio" : "video"
            all.append(
                FilesOnForeignDisks(
                    type: type, setting: schema.hasDiskColumn ? "files.disk" : SiteSchema.diskSetting(kind), disk: disk))
            return all.count - 1
        }
        var disks: [MediaType: String] = [:]
        if !schema.hasDiskColumn {
            for (type, kind) in [(MediaType.video, "video"), (.audio, "audio")] {
                disks[type] = try await self.disk(of: kind)
                let isOurs = if disks[type] == "remote" { try await bucket(of: type) != nil } else { disks[type] == "local" }
                if !isOurs { _ = entry(type, disks[type]) }
            }
        }
        for (rows, count) in [(waitingRows, \FilesOnForeignDisks.waiting), (missedRows, \.missed)] {
            for row in rows {
                let type = MediaType(number: row.int("type") ?? 0)
                all[entry(type, row.text("disk") ?? disks[type])][keyPath: count] += Int(row.int("files") ?? 0)
            }
        }
        return all
    }

    /// `FROM … WHERE …` of the files that failed as missing, and are on another disk.
    var missedSource: Query {
        """
        FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE \(Self.missedCondition) \
        AND \(schema.isAlive("f")) AND NOT \(schema.isReachable("f"))
        """
    }

    static var missedCondition: Query { "j.state = 'failed' AND j.code = 'source-missing' AND f.transcoding_state = 4" }

    /// How many of our finished files are in another store now than the one that has their results. Stops at
    /// `SiteCounts.bound`.
    public func finishedElsewhere() async throws -> Int {
        let sql: Query = """
            SELECT COUNT(*) AS files FROM (SELECT 1 FROM \(schema.jobs) j JOIN \(schema.table("files")) f ON f.id = j.file_id \
            WHERE j.state = 'done' AND f.transcoding_state = 3 AND f.path = j.output_path AND \(schema.isAlive("f")) \
            AND (NOT \(schema.isReachable("f")) OR COALESCE(j.store, \(FileStore.disk.rawValue)) <> \(schema.store("f"))) LIMIT \(SiteCounts.bound)) found
            """
        return Int(try await ofJobs(sql).first?.int("files") ?? 0)
    }

    /// Rows about our jobs; empty if our table does not exist yet.
    private func ofJobs(_ sql: Query) async throws -> [SQLRow] {
        do {
            return try await database.read { session in try session.query(sql) }
        } catch let error as SQLError where error.code == .noTable {
            return []
        }
    }

    /// Why a file is not on our disk; nil if it is.
    func absence(of file: MediaFile) async throws -> String? {
        let sql: Query = "SELECT 1 FROM \(schema.table("files")) f WHERE f.id = \(file.id) AND \(schema.isReachable("f"))"
        let isHere = try await database.read { session in try !session.query(sql).isEmpty }
        guard !isHere else { return nil }
        let kind = file.type == .audio ? "audio" : "video"
        let cause = schema.hasDiskColumn
            ? FilesOnForeignDisks(type: file.type, setting: "files.disk", disk: file.disk)
            : FilesOnForeignDisks(type: file.type, setting: SiteSchema.diskSetting(kind), disk: try await disk(of: kind))
        return "File \(file.id) is not on this host's disk (\(cause.cause)): it is skipped."
    }
}
