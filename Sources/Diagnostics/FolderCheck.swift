internal import Glibc
internal import Platform

/// Checks whether the daemon could create a file at a configured path.
enum FolderCheck {
    /// The unit's runtime folder: created at start, removed at stop.
    private static let folderOfService = "/run/transcoder"

    /// Nil if everything is fine.
    ///
    /// - Parameter isMade: the daemon creates one missing folder, not more.
    static func complaint(_ subject: String, key: String, path: String, isMade: Bool) -> Finding? {
        let folder = path.parentFolder
        let another = "Set another path for “\(key)”"
        var status = stat()
        guard stat(folder, &status) == 0 else {
            if isMade, access(folder.parentFolder, W_OK | X_OK) == 0 { return nil }
            let text = "\(folder) does not exist, and " + (isMade ? "this user (\(geteuid())) cannot create it." : "the daemon does not create it.")
            let remedy = "systemd creates \(folderOfService) when it starts the service; create any other folder, writable for the service's user."
            return folder == folderOfService ? .odd(subject, text, remedy: remedy) : .bad(subject, text, remedy: remedy)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .bad(subject, "\(folder) is not a folder.", remedy: "\(another).") }
        guard access(folder, W_OK | X_OK) == 0 else {
            return .bad(
                subject, "This user (\(geteuid())) cannot write to \(folder).",
                remedy: "Give it to the service's user (chown), or choose another path for “\(key)”.")
        }
        return nil
    }
}
