internal import Glibc
internal import Platform
public import WorkerConfiguration

/// The owner of the site's uploads. A value.
public struct StorageOwner: Sendable, Equatable {
    /// A name, or a number if this host has no name for it.
    public let user: String
    public let group: String
    /// Whether systemd can start a service as this user.
    public let isKnown: Bool

    public var isRoot: Bool { user == "root" }

    /// The owner of the storage's root; if root owns that, the owner of the folders in it.
    ///
    /// - Throws: a `ConfigurationError` if there is no storage.
    public static func of(storageRoot: String) throws(ConfigurationError) -> StorageOwner {
        var owners: [(uid_t, gid_t)] = []
        for folder in [storageRoot, storageRoot + "/videos", storageRoot + "/audios", storageRoot + "/images"] {
            var status = stat()
            if stat(folder, &status) == 0 { owners.append((status.st_uid, status.st_gid)) }
        }
        guard let owner = owners.first(where: { $0.0 != 0 }) ?? owners.first else {
            throw ConfigurationError("The storage folder \(storageRoot) does not exist; its owner would be the service's user.")
        }
        let user = name(of: owner.0)
        let group = getgrgid(owner.1).map { String(cString: $0.pointee.gr_name) }
        return StorageOwner(
            user: user ?? "\(owner.0)", group: group ?? "\(owner.1)", isKnown: user != nil && group != nil)
    }

    /// Nil if this host has no name for the user.
    static func name(of user: uid_t) -> String? { UserName.of(user) }
}
