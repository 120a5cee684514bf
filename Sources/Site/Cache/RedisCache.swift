/// Laravel's Redis store. Its calls block, for some seconds at most.
public struct RedisCache: Sendable {
    let server: RedisServer
    /// Of every key: the connection's prefix, and the cache's.
    let prefixes: [String]

    public init(_ server: RedisServer, prefixes: [String]) {
        self.server = server
        self.prefixes = prefixes
    }

    /// Removes entries, and their names from the sets of their tags. Returns how many were there.
    @discardableResult
    public func drop(_ entries: [CachedEntry]) throws(CacheError) -> Int {
        guard !entries.isEmpty else { return 0 }
        let connection = try RedisConnection(server)
        var dropped = 0
        for prefix in prefixes {
            for entry in entries {
                // The untagged name is what an application without tags would use.
                dropped += try connection.count(["DEL", prefix + entry.taggedKey, prefix + entry.key])
                for tag in entry.tagSets { _ = try connection.count(["ZREM", prefix + tag, entry.taggedKey]) }
            }
        }
        return dropped
    }

    /// Whether we are let in.
    public func check() throws(CacheError) { _ = try RedisConnection(server) }
}
