internal import Glibc

/// A user of this host, and which folders their modes let it enter: access lists are not checked. A value.
struct HostUser {
    let name: String
    private let user: uid_t
    private let groups: [gid_t]

    init?(name: String) {
        guard let account = getpwnam(name)?.pointee else { return nil }
        var groups = [gid_t](repeating: 0, count: 256)
        var count = CInt(groups.count)
        guard getgrouplist(name, account.pw_gid, &groups, &count) >= 0 else { return nil }
        self.name = name
        user = account.pw_uid
        self.groups = Array(groups.prefix(Int(count)))
    }

    /// The first folder of a path, from the root, that this user cannot enter; nil if it can enter all that exist.
    func obstacle(onTheWayTo path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        return (0...parts.count).lazy.map { "/" + parts.prefix($0).joined(separator: "/") }.first { !mayEnter($0) }
    }

    private func mayEnter(_ folder: String) -> Bool {
        var status = stat()
        guard stat(folder, &status) == 0 else { return true }
        let bit = status.st_uid == user ? S_IXUSR : groups.contains(status.st_gid) ? S_IXGRP : S_IXOTH
        return status.st_mode & bit != 0
    }
}
