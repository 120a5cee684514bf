/// Laravel's Redis store. Its calls block, for a few seconds at most.
public struct RedisCache: Sendable {
    let server: RedisServer
    /// The prefix of every key: the connection's, and the cache's.
    let prefixes: [String]

    public init(_ server: RedisServer, prefixes: [String]) {
        self.server = server
        self.prefixes = prefixes
    }

    /// Removes entries, and their names from the sets of their tags. Returns the number of removed entries.
    @discardableResult
    public func drop(_ entries: [CachedEntry]) throws(CacheError) -> Int {
        guard !entries.isEmpty else { return 0 }
        let connection = try RedisConnection(server)
        var dropped = 0
        for prefix in prefixes {
            for entry in entries {
                // An application without tags would use the untagged name.
                dropped += try connection.count(["DEL", prefix + entry.taggedKey, prefix + entry.key])
                for tag in entry.tagSets { _ = try connection.count(["ZREM", prefix + tag, entry.taggedKey]) }
            }
        }
        return dropped
    }

    /// Checks the login.
    public func check() throws(CacheError) { _ = try RedisConnection(server) }
}
