public import Jobs
import SQL

/// The bucket of one type of file, as the site's settings name it.
public struct BucketSettings: Sendable, Equatable {
    public var accessKey: String
    /// Not to be shown.
    public var secret: StorageSecret
    public var name: String
    public var region: String?
    public var endpoint: String?
    /// Where readers find its objects, without a trailing slash.
    public var domain: String?

    /// The keys without which there is no bucket; each begins with the type.
    static let required = ["secret_id", "secret_key", "bucket_name"]

    /// As Amazon names them: `us-gov-west-1`. Like the pattern in `SiteSchema.hasBucket`.
    static func isAmazon(region: String) -> Bool {
        let words = region.split(separator: "-", omittingEmptySubsequences: false)
        return words.count > 2 && words.last?.count == 1
    }

    static func key(_ kind: String, _ name: String) -> String { "\(kind)_\(name)" }
}

/// A secret that no text or dump shows.
public struct StorageSecret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let text: String

    package init(_ text: String) { self.text = text }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Site {
    /// The bucket of a type of file; nil where the settings name none.
    public func bucket(of type: MediaType) async throws -> BucketSettings? {
        guard schema.hasConfigs, let kind = type.word else { return nil }
        let names = BucketSettings.required + ["bucket_region", "bucket_endpoint", "access_domain", "bucket_domain"]
        let keys = names.map { name -> Query in "\(BucketSettings.key(kind, name))" }.joined(separator: ", ")
        let sql: Query = "SELECT item_key, item_value FROM \(schema.table("configs")) WHERE item_key IN (\(keys))"
        let rows = try await database.read { session in try session.query(sql) }
        var values: [String: String] = [:]
        for row in rows {
            guard let key = row.text("item_key"), let value = row.text("item_value"), !value.isEmpty else { continue }
            values[String(key.dropFirst(kind.count + 1))] = value
        }
        guard let id = values["secret_id"], let secret = values["secret_key"], let name = values["bucket_name"] else { return nil }
        guard schema.hasEndpoint || values["bucket_endpoint"] != nil || values["bucket_region"].map(BucketSettings.isAmazon) ?? true else { return nil }
        return BucketSettings(
            accessKey: id, secret: StorageSecret(secret), name: name, region: values["bucket_region"], endpoint: values["bucket_endpoint"],
            domain: values["access_domain"] ?? values["bucket_domain"])
    }

    /// Which store has new files of a type; nil where the settings name none of ours. In v2 each file has its own disk: then a bucket that
    /// the settings name.
    public func store(of type: MediaType) async throws -> FileStore? {
        guard let kind = type.word else { return nil }
        let disk = schema.hasDiskColumn ? "remote" : try await disk(of: kind)
        switch disk {
        case "local": return .disk
        case "remote": return try await bucket(of: type) == nil ? nil : type == .audio ? .audios : .videos
        default: return nil
        }
    }

    /// Which store has a file at the moment; nil where none of ours has it.
    public func store(of file: MediaFile) async throws -> FileStore? {
        let sql: Query = """
            SELECT \(schema.store("f")) AS store FROM \(schema.table("files")) f WHERE f.id = \(file.id) AND \(schema.isReachable("f"))
            """
        return try await database.read { session in try session.query(sql).first?.text("store").flatMap(FileStore.init) }
    }
}
