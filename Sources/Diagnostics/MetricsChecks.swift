internal import FoundationEssentials
internal import Glibc
internal import WorkerConfiguration

/// Checks the file for node_exporter: whether the daemon can write it, and which daemon does. Blocks.
enum MetricsChecks {
    static func file(_ path: String, _ configuration: Configuration) -> Finding {
        if let complaint = FolderCheck.complaint("metrics file", key: "metrics_file", path: path, isMade: false) { return complaint }
        var status = stat()
        let isThere = lstat(path, &status) == 0
        // The daemon replaces any file, but cannot replace a folder.
        if isThere, status.st_mode & S_IFMT == S_IFDIR {
            return .bad(
                "metrics file", "\(path) is a folder: the daemon cannot replace it.",
                remedy: "Move the folder, or set another path for “metrics_file”.")
        }
        // A running daemon writes it every ten seconds.
        let isFresh = isThere && status.st_mode & S_IFMT == S_IFREG && time(nil) - status.st_mtim.tv_sec < 30
        if isFresh, let site = site(of: path), site != configuration.site.map(withoutSlash) {
            return .odd(
                "metrics file", "The daemon of another site, \(site), writes \(path), too: they overwrite each other's metrics.",
                remedy: "Give each daemon its own “metrics_file”.")
        }
        return .good("metrics file", "The daemon can write \(path).")
    }

    /// Whose numbers a file holds.
    private static func site(of path: String) -> String? {
        let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        return text.firstMatch(of: /[{,]site="([^"]*)"/).map { String($0.1) }
    }

    private static func withoutSlash(_ folder: String) -> String {
        var folder = folder
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        return folder
    }
}
