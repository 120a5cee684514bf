internal import FoundationEssentials

/// Where a webhook listens. Its path may be as secret as a password: everything printed shows the origin alone.
public struct WebhookAddress: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The whole address: for the request, and nothing else.
    package let text: String
    /// `https://hooks.example.org`
    package let origin: String

    public static let rule = "an http or https address without user, password and fragment"

    /// nil if the text breaks `rule`.
    public init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme), let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return nil }
        self.text = text
        origin = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
    }

    /// Or never leaves the machine.
    package var isEncrypted: Bool {
        origin.hasPrefix("https://") || ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { origin == $0 || origin.hasPrefix($0 + ":") }
    }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
