/// Laravel's Redis store. Its calls block, for some seconds at most.
public struct RedisCache: Sendable {
    let server: RedisServer
    /// Of every key: the connection's prefix, and the cache's.
    let prefixes: [String]

    public init(_ server: RedisServer, prefixes: [String]) {
        self.server = server
        self.prefixes = prefixes
    }

    /// Removes entries, and their names from the set of their tag. Returns how many were there.
    @discardableResult
    public func drop(_ details: [CachedDetail]) throws(CacheError) -> Int {
        guard !details.isEmpty else { return 0 }
        let connection = try RedisConnection(server)
        var dropped = 0
        for prefix in prefixes {
            for detail in details {
                // The untagged name is what an application without tags would use.
                dropped += try connection.count(["DEL", prefix + detail.taggedKey, prefix + detail.key])
                _ = try connection.count(["ZREM", prefix + detail.tagSet, detail.taggedKey])
            }
        }
        return dropped
    }

    /// Whether we are let in.
    public func check() throws(CacheError) { _ = try RedisConnection(server) }
}
