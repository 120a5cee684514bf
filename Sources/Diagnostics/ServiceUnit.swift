internal import WorkerConfiguration

/// The systemd unit that reads a configuration: `transcoder.service`, or an instance of `transcoder@.service`. A value.
public struct ServiceUnit: Sendable, Equatable {
    /// As `systemctl` takes it.
    public let name: String
    /// What systemd makes for it at each start, for the status file and the like.
    public let runtimeFolder: String
    /// For copies of files from buckets; systemd makes it, too.
    public let cacheFolder: String

    private static let folder = "/etc/transcoder/"

    /// Nil for a configuration that no unit reads.
    ///
    /// - Parameter configuration: `/etc/transcoder/transcoder.yaml`, or `/etc/transcoder/NAME.yaml` for one of several sites.
    public init?(configuration: String) {
        guard configuration != Configuration.defaultPath else {
            (name, runtimeFolder, cacheFolder) = ("transcoder", "/run/transcoder", "/var/cache/transcoder")
            return
        }
        guard configuration.hasPrefix(Self.folder), configuration.hasSuffix(".yaml") else { return nil }
        let instance = configuration.dropFirst(Self.folder.count).dropLast(".yaml".count)
        // What systemd takes in a unit's name as it stands.
        let isPlain = instance.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ":_.-".contains($0)) }
        guard let first = instance.first, first != ".", first != "-", isPlain else { return nil }
        (name, runtimeFolder, cacheFolder) = ("transcoder@\(instance)", "/run/transcoder-\(instance)", "/var/cache/transcoder-\(instance)")
    }

    /// Whether it is one of several sites' on the host.
    public var isInstance: Bool { name.contains("@") }
}
