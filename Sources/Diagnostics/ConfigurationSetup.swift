public import FoundationEssentials
internal import Glibc
public import WorkerConfiguration
internal import Platform

/// Writes the configuration of a new site, or adds to an existing one without changing its keys.
public struct ConfigurationSetup: Sendable {
    public let path: String
    package let site: String
    /// The existing configuration, or the defaults.
    public let configuration: Configuration
    /// Nil if there is none.
    private let existing: String?
    private let existingSite: String?

    /// Above this number of waiting files, `since` skips the old ones.
    public static let fewFiles = 100

    /// Throws if an existing configuration cannot be read, or is for another site.
    public init(path: String, site: String) throws(ConfigurationError) {
        self.path = path
        self.site = site
        guard FileManager.default.fileExists(atPath: path) else {
            existing = nil
            existingSite = nil
            configuration = Configuration()
            return
        }
        configuration = try Configuration.load(path: path, environment: [:]).configuration
        existing = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        existingSite = configuration.site
        if let other = configuration.site, Self.trimmed(other) != Self.trimmed(site) {
            throw ConfigurationError("site in \(path) is \(other), not \(site): choose another file with --config.")
        }
    }

    /// The new content of the file; nil if it needs no change.
    public func text(waiting: Int, wantsBacklog: Bool, now: Date) -> String? {
        if let existing {
            guard existingSite == nil else { return nil }
            let separator = existing.isEmpty || existing.hasSuffix("\n") ? "" : "\n"
            return "\(existing)\(separator)site: \(Self.scalar(site))\n"
        }
        var lines = [
            "# The configuration of transcoder. Every key, with its default and its meaning:",
            "# man 5 transcoder.yaml, or transcoder.example.yaml.", "", "site: \(Self.scalar(site))",
        ]
        if let unit = ServiceUnit(configuration: path), unit.isInstance {
            lines += ["# One of several sites on this host.", "status_file: \(unit.runtimeFolder)/status.json", "storage:", "  cache: \(unit.cacheFolder)"]
        }
        if leavesOldAlone(waiting, wantsBacklog) {
            lines += [
                "", "# \(waiting) files were waiting when this was written. Files uploaded before this moment are skipped.",
                "since: \(now.formatted(.iso8601))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// How many files are waiting, and whether they are transcoded.
    public func sentence(waiting: Int, wantsBacklog: Bool) -> String {
        let count = waiting == 1 ? "1 file is waiting" : "\(waiting) files are waiting"
        if existing != nil { return "\(count)." }
        if leavesOldAlone(waiting, wantsBacklog) {
            return "\(count). These existing files are skipped (“since”); --backlog transcodes them, too."
        }
        return waiting == 0 ? "No files are waiting." : "\(count) to be transcoded."
    }

    public func write(_ text: String) throws(ConfigurationError) {
        do {
            try FileManager.default.createDirectory(atPath: path.parentFolder, withIntermediateDirectories: true)
            try FileReplacement.write(Array(text.utf8), to: path, mode: 0o644)
        } catch let error as ReplacementError {
            throw ConfigurationError("The configuration \(error)")
        } catch {
            throw ConfigurationError("The configuration \(path) cannot be written: its folder cannot be made.")
        }
    }

    private func leavesOldAlone(_ waiting: Int, _ wantsBacklog: Bool) -> Bool {
        waiting > Self.fewFiles && !wantsBacklog
    }

    /// Unquoted if YAML allows it.
    private static func scalar(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }
        guard !isPlain else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
