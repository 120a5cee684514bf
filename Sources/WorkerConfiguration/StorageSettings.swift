public import Platform

/// What the site's settings do not say about its buckets, and where this host keeps copies of their objects.
public struct StorageSettings: Sendable, Equatable {
    /// How a bucket is named in an address.
    public enum Addressing: String, Sendable, CaseIterable {
        case path
        case virtualHost = "virtual-host"
    }

    /// Instead of the site's; nil: the site's, or Amazon's.
    public var endpoint: String?
    public var region: String?
    /// Nil: by the endpoint.
    public var addressing: Addressing?
    /// A PEM file; nil: the system's.
    public var authorities: String?
    /// The folder of copies.
    public var cache = "/var/cache/transcoder"
    /// Bytes of copies that are kept.
    public var cacheSize = 20 << 30
    /// Downloads at once.
    public var transfers = 4

    /// Names whose addresses need not be public for `fetch`; nil: none.
    public var allowedHosts: [HostName]?

    public init() {}
}
