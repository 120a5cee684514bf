internal import FoundationEssentials
internal import Glibc
internal import WorkerConfiguration

/// The file for node_exporter: whether the daemon could write it, and who does. Blocks.
enum MetricsChecks {
    static func file(_ path: String, _ configuration: Configuration) -> Finding {
        if let complaint = FolderCheck.complaint("metrics file", key: "metrics_file", path: path, isMade: false) { return complaint }
        var status = stat()
        let isThere = lstat(path, &status) == 0
        // It is replaced, whatever it is; a folder cannot be.
        if isThere, status.st_mode & S_IFMT == S_IFDIR {
            return .bad(
                "metrics file", "\(path) is a folder: the daemon would not replace it.",
                remedy: "Move it away, or name another path for “metrics_file”.")
        }
        // Who writes it does so every ten seconds.
        let isFresh = isThere && status.st_mode & S_IFMT == S_IFREG && time(nil) - status.st_mtim.tv_sec < 30
        if isFresh, let site = site(of: path), site != configuration.site.map(withoutSlash) {
            return .odd(
                "metrics file", "\(path) is written by the daemon of another site, \(site): each overwrites what the other counts.",
                remedy: "Give each daemon a “metrics_file” of its own.")
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
