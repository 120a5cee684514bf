internal import Glibc

/// Where a bucket's objects are, by the settings of the site.
public struct S3Address: Sendable, Equatable {
    /// How the bucket is named in an address.
    public enum Addressing: String, Sendable, CaseIterable {
        case path
        case virtualHost = "virtual-host"
    }

    public let bucket: String
    public let isSecure: Bool
    /// Of the `Host` field: with its port, where the endpoint names one.
    public private(set) var host: String
    /// Before a key: `/`, or `/bucket/`.
    public let base: String
    public let addressing: Addressing

    /// Nil for an endpoint that is no address.
    ///
    /// - Parameters:
    ///   - endpoint: with or without scheme; nil or empty for Amazon's own. One that begins with the bucket's name is taken as it is.
    ///   - region: of Amazon's own endpoint.
    ///   - addressing: nil to choose by the endpoint: an IP address, a port, a name without a dot or a bucket with a dot (which no
    ///     wildcard certificate covers) mean a path.
    public init?(endpoint: String?, bucket: String, region: String, addressing: Addressing? = nil) {
        guard Self.isBucket(bucket) else { return nil }
        var rest = Substring(endpoint.flatMap { $0.isEmpty ? nil : $0 } ?? "https://\(Self.amazon(region))")
        isSecure = !rest.lowercased().hasPrefix("http://")
        if let scheme = rest.firstRange(of: "://") {
            guard ["http", "https"].contains(rest[..<scheme.lowerBound].lowercased()) else { return nil }
            rest = rest[scheme.upperBound...]
        }
        let authority = rest.prefix { $0 != "/" }.lowercased()
        let folder = rest.dropFirst(authority.count).split(separator: "/").joined(separator: "/")
        let (name, port) = Self.split(authority)
        guard !name.isEmpty, port != .some(nil), authority.utf8.allSatisfy(Self.isOfHost) else { return nil }
        self.bucket = bucket
        let namesBucket = name.hasPrefix("\(bucket.lowercased()).")
        let isPlain = port != nil || !name.contains(".") || Self.isIPAddress(name) || bucket.contains(".") || !folder.isEmpty
        self.addressing = namesBucket ? .virtualHost : addressing ?? (isPlain ? .path : .virtualHost)
        let start = folder.isEmpty ? "/" : "/\(folder)/"
        switch self.addressing {
        case .path:
            host = authority
            base = "\(start)\(bucket)/"
        case .virtualHost:
            host = namesBucket ? authority : "\(bucket).\(authority)"
            base = start
        }
    }

    public var origin: String { "\(isSecure ? "https" : "http")://\(host)" }

    /// For people: the bucket and where it is.
    public var name: String { "\(bucket) at \(origin)" }

    /// Decoded; of the bucket itself for an empty key.
    public func path(of key: String) -> String {
        key.isEmpty && addressing == .path ? String(base.dropLast()) : base + key
    }

    /// The same bucket, where Amazon says that it is. Other providers have one region an endpoint.
    func moved(to region: String) -> S3Address {
        guard host.hasSuffix(".amazonaws.com") else { return self }
        var moved = self
        moved.host = addressing == .path ? Self.amazon(region) : "\(bucket).\(Self.amazon(region))"
        return moved
    }

    private static func amazon(_ region: String) -> String {
        "s3.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
    }

    /// By the rules that all providers share: nothing in it changes an address.
    private static func isBucket(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { isOfHost($0) && $0 != UInt8(ascii: ":") || $0 == UInt8(ascii: "_") }
    }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }

    /// The port is nil where none is named, and `.some(nil)` where it is no number.
    private static func split(_ authority: String) -> (name: String, port: UInt16??) {
        guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return (authority, nil) }
        return (String(authority[..<colon]), .some(UInt16(authority[authority.index(after: colon)...])))
    }

    private static func isIPAddress(_ name: String) -> Bool {
        var address = in_addr()
        return name.hasPrefix("[") || inet_pton(AF_INET, name, &address) == 1
    }
}
