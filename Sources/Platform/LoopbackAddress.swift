internal import Glibc

/// A loopback address: `127.0.0.1:PORT` or `[::1]:PORT`.
public struct LoopbackAddress: Sendable, Equatable, CustomStringConvertible {
    public enum Family: Sendable { case version4, version6 }
    public let family: Family
    /// 0: any free port.
    public let port: UInt16

    public init(_ family: Family, port: UInt16) {
        self.family = family
        self.port = port
    }

    /// nil for every other address, and for invalid ones.
    public init?(_ text: String) {
        for (family, host) in [(Family.version4, "127.0.0.1:"), (.version6, "[::1]:")] where text.hasPrefix(host) {
            let digits = text.dropFirst(host.count)
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else { return nil }
            self.init(family, port: port)
            return
        }
        return nil
    }

    public var description: String { family == .version4 ? "127.0.0.1:\(port)" : "[::1]:\(port)" }
}
