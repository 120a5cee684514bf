internal import Glibc
internal import Platform

/// Whether the daemon could make a file of its own where a key of the configuration says.
enum FolderCheck {
    /// What the unit makes as it starts, and removes as it ends.
    private static let folderOfService = "/run/transcoder"

    /// Nil where there is nothing to object to.
    ///
    /// - Parameter isMade: the daemon makes a folder that is missing, but no more than one.
    static func complaint(_ subject: String, key: String, path: String, isMade: Bool) -> Finding? {
        let folder = path.parentFolder
        let another = "Name another path for “\(key)”"
        var status = stat()
        guard stat(folder, &status) == 0 else {
            if isMade, access(folder.parentFolder, W_OK | X_OK) == 0 { return nil }
            let text = "\(folder) is not there, and " + (isMade ? "this user (\(geteuid())) cannot make it." : "the daemon does not make it.")
            let remedy = "systemd makes \(folderOfService) when it starts the service; make any other, for the service's user to write."
            return folder == folderOfService ? .odd(subject, text, remedy: remedy) : .bad(subject, text, remedy: remedy)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .bad(subject, "\(folder) is no folder.", remedy: "\(another).") }
        guard access(folder, W_OK | X_OK) == 0 else {
            return .bad(
                subject, "\(folder) may not be written by this user (\(geteuid())): the daemon can make nothing there.",
                remedy: "Give it to the service's user (chown). \(another) otherwise.")
        }
        return nil
    }
}
