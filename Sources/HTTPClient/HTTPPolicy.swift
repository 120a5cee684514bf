/// What a session allows: times, sizes, addresses.
public struct HTTPPolicy: Sendable {
    /// Seconds for the name, the connection and TLS together.
    public var connectSeconds = 10
    /// An exchange that moves fewer bytes than this in every second…
    public var leastBytesPerSecond = 1024
    /// …for so many seconds is ended.
    public var stallSeconds = 30
    /// For the whole exchange; nil for transfers of any length.
    public var wholeSeconds: Int?
    /// Of a body that is kept in memory.
    public var keptBytes = 64 * 1024
    public var redirects = 0
    /// PEM; nil for the system's authorities.
    public var authorities: String?
    /// Asked for every address that is about to be connected to, after the name was resolved, at each redirect too: a check of
    /// the name alone would believe the name's owner.
    public var allows: (@Sendable (PeerAddress) -> Bool)?

    public init() {}
}
