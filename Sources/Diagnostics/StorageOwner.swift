internal import Glibc
public import WorkerConfiguration

/// Whom the site's uploads belong to. A value.
public struct StorageOwner: Sendable, Equatable {
    /// A name, or a number where this host has no name for it.
    public let user: String
    public let group: String
    /// Whether systemd can start something as them.
    public let isKnown: Bool

    public var isRoot: Bool { user == "root" }

    /// Of the storage's root. Where root has made that, and the site what is in it, the site's user counts.
    ///
    /// - Throws: a `ConfigurationError` where there is no storage.
    public static func of(storageRoot: String) throws(ConfigurationError) -> StorageOwner {
        var owners: [(uid_t, gid_t)] = []
        for folder in [storageRoot, storageRoot + "/videos", storageRoot + "/audios", storageRoot + "/images"] {
            var status = stat()
            if stat(folder, &status) == 0 { owners.append((status.st_uid, status.st_gid)) }
        }
        guard let owner = owners.first(where: { $0.0 != 0 }) ?? owners.first else {
            throw ConfigurationError("The storage folder \(storageRoot) is not there: the service's user is its owner.")
        }
        let user = name(of: owner.0)
        let group = getgrgid(owner.1).map { String(cString: $0.pointee.gr_name) }
        return StorageOwner(
            user: user ?? "\(owner.0)", group: group ?? "\(owner.1)", isKnown: user != nil && group != nil)
    }

    /// Nil where this host has no name for a user.
    static func name(of user: uid_t) -> String? { getpwuid(user).map { String(cString: $0.pointee.pw_name) } }
}
