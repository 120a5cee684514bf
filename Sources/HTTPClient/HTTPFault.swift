/// Why an exchange brought no whole response. Its description is a sentence for people; it holds no query and no header, which
/// may be secret.
public struct HTTPFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// The name has no address, or the name servers do not answer.
        case name
        case connection
        /// The policy allows no connection to that address.
        case forbiddenAddress
        case certificate
        /// Another fault of TLS.
        case encryption
        case tooSlow
        case tooLarge
        case redirects
        /// The connection ended before the response did.
        case cut
        /// The caller ended it.
        case cancelled
        /// The address cannot be understood, or is not of HTTP.
        case badAddress
        /// The request's body could not be read, or the response's could not be written: errno.
        case file(CInt)
        case other
    }

    public let kind: Kind
    /// `https://host:port`, without path and query.
    public let server: String
    /// The transport's own words.
    public let why: String

    public init(_ kind: Kind, server: String, why: String) {
        self.kind = kind
        self.server = server
        self.why = why
    }

    public var description: String {
        switch kind {
        case .name: "The name of \(server) cannot be resolved\(reason)."
        case .connection: "\(server) could not be reached\(reason)."
        case .forbiddenAddress: "\(server) leads to \(why), an address that is not public: it is not read."
        case .certificate: "The certificate of \(server) is not valid\(reason)."
        case .encryption: "TLS with \(server) failed\(reason)."
        case .tooSlow: "\(server) was too slow\(reason)."
        case .tooLarge: "The answer of \(server) is larger than allowed\(reason)."
        case .redirects: "\(server) redirects too often."
        case .cut: "The connection to \(server) broke\(reason)."
        case .cancelled: "The exchange with \(server) was ended."
        case .badAddress: "“\(server)” is not an address for HTTP\(reason)."
        case .file(let code): "A file of this host failed while it was exchanged with \(server) (error \(code))."
        case .other: "The exchange with \(server) failed\(reason)."
        }
    }

    private var reason: String { why.isEmpty ? "" : ": \(why)" }

    /// Whether the same request may succeed later.
    public var isTransient: Bool {
        switch kind {
        case .name, .connection, .encryption, .tooSlow, .cut, .other: true
        case .forbiddenAddress, .certificate, .tooLarge, .redirects, .cancelled, .badAddress, .file: false
        }
    }
}
