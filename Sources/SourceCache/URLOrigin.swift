public import HTTPClient

/// A source by its address.
///
/// The address is untrusted: only http and https, at most three redirects, and each address that is connected to is looked at, whatever the
/// name says. By default only public ones are allowed.
public struct URLOrigin: CacheOrigin {
    public let url: String
    public var key: String { url }
    private let policy: HTTPPolicy

    /// - Parameters:
    ///   - seconds: for the whole transfer.
    ///   - isNamed: asked with the host, and the port if there is one, whether its own address need not be public. Then it may not redirect.
    ///   - isAllowed: an address that is not public may be connected to; asked at every connection.
    public init(
        _ url: String, seconds: Int = 3600, isNamed: (String) -> Bool = { _ in false },
        isAllowed: @escaping @Sendable (PeerAddress) -> Bool = { _ in false }
    ) throws(FetchError) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard ["http", "https"].contains(scheme), url.dropFirst(scheme.count).hasPrefix("://"), !url.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else {
            throw .badAddress(url)
        }
        self.url = url
        var policy = HTTPPolicy()
        let authority = url.dropFirst(scheme.count + 3).prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        // A name that is allowed may have any address; then it must not send on to another.
        let isTrusted = isNamed(host.lowercased())
        policy.redirects = isTrusted ? 0 : 3
        policy.wholeSeconds = seconds
        policy.allows = { $0.isPublic || isTrusted || isAllowed($0) }
        self.policy = policy
    }

    public func get(_ fields: [(name: String, value: String)], onStep: () -> Bool, receive: @escaping HTTPSession.Receiver) throws -> HTTPHead {
        try HTTPSession(policy).perform(HTTPRequest("GET", url, headers: fields), onProgress: { _, _ in onStep() }, receive: receive).head
    }
}
