internal import FoundationEssentials
internal import Glibc
internal import WorkerConfiguration

/// What the kernel reports about a daemon on this host; nil if it does not tell this user.
struct DaemonProcess {
    let user: uid_t?
    /// Its configuration file, with links resolved.
    let configuration: String?

    init(pid: Int32) {
        let folder = "/proc/\(pid)"
        var status = stat()
        user = stat(folder, &status) == 0 ? status.st_uid : nil
        let words = Self.words(folder + "/cmdline")
        let variables = Self.words(folder + "/environ")
        let option = words.firstIndex(of: "--config").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
            ?? words.first { $0.hasPrefix("--config=") }.map { String($0.dropFirst(9)) }
        let variable = variables.first { $0.hasPrefix("TRANSCODER_CONFIG=") }.map { String($0.dropFirst(18)) }
        // Only its own user may read its environment; without that, the default is a guess.
        guard let path = option ?? variable ?? (variables.isEmpty ? nil : Configuration.defaultPath) else {
            configuration = nil
            return
        }
        configuration = Self.resolved(path.hasPrefix("/") ? path : "\(folder)/cwd/\(path)")
    }

    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func words(_ path: String) -> [String] {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
