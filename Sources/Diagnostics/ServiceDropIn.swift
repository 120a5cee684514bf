internal import FoundationEssentials
internal import Glibc
public import Site
public import WorkerConfiguration
internal import Platform

/// The drop-in that `init` adds to a site's systemd unit: the service's user, and the paths it may write to. The
/// unit itself names no site, and makes the whole disk read-only.
public struct ServiceDropIn: Sendable {
    public let unit: ServiceUnit
    public let owner: StorageOwner
    public let path: String
    public let text: String

    /// The folder for the administrator's units; another one in tests.
    public static let systemFolder = "/etc/systemd/system"

    /// Nil if no unit reads that configuration, or the host has no systemd.
    ///
    /// - Throws: a `ConfigurationError` if the site has no storage.
    public init?(
        configurationPath: String, _ configuration: Configuration, _ site: SiteSettings,
        systemFolder: String = ServiceDropIn.systemFolder
    ) throws(ConfigurationError) {
        guard let unit = ServiceUnit(configuration: configurationPath), access(systemFolder, F_OK) == 0 else { return nil }
        self.unit = unit
        owner = try StorageOwner.of(storageRoot: site.storageRoot)
        path = "\(systemFolder)/\(unit.name).service.d/site.conf"
        text = Self.text(unit, owner, ServicePaths(configuration, site), hasCommand: configuration.cacheCommand != nil)
    }

    private static func text(
        _ unit: ServiceUnit, _ owner: StorageOwner, _ paths: ServicePaths, hasCommand: Bool
    ) -> String {
        var lines = [
            "# Written by `transcoder init`, which overwrites it. For your own changes: systemctl edit \(unit.name)", "",
            "[Unit]", "RequiresMountsFor=" + paths.read.map(word).joined(separator: " "), "",
            "[Service]", "# The owner of the site's storage: the site must be able to delete the results.",
            "User=\(owner.user)", "Group=\(owner.group)",
        ]
        // The daemon itself reports a missing path.
        lines += paths.written.map { "ReadWritePaths=" + word("-" + $0) }
        if paths.areIn(["/home", "/root", "/run/user"]) { lines.append("ProtectHome=read-only") }
        if paths.areIn(["/tmp", "/var/tmp"]) { lines.append("PrivateTmp=no") }
        if hasCommand {
            lines += ["# For cache_command: PHP's JIT needs this.", "MemoryDenyWriteExecute=no"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Quoted as one word of a systemd list.
    private static func word(_ path: String) -> String {
        let escaped = path.replacing("%", with: "%%")
        let isPlain = escaped.allSatisfy { !$0.isWhitespace && !"\"'\\".contains($0) }
        guard !isPlain else { return escaped }
        return "\"" + escaped.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The existing drop-in; nil if there is none.
    private var existing: String? { try? String(contentsOfFile: path, encoding: .utf8) }

    public enum Outcome: Sendable {
        case kept, written, replaced
        /// This user is not allowed to.
        case refused
    }

    /// Writes the drop-in if it is missing or differs. systemd reads it at the next `daemon-reload`.
    public func write() throws(ConfigurationError) -> Outcome {
        let existing = existing
        guard existing != text else { return .kept }
        guard geteuid() == 0 else { return .refused }
        do {
            try FileManager.default.createDirectory(
                atPath: path.parentFolder, withIntermediateDirectories: true)
            try FileReplacement.write(Array(text.utf8), to: path, mode: 0o644)
        } catch let error as ReplacementError {
            throw ConfigurationError("The drop-in \(error)")
        } catch {
            throw ConfigurationError("The drop-in \(path) cannot be written: its folder cannot be made.")
        }
        return existing == nil ? .written : .replaced
    }
}
