extension Status {
    /// A bucket of the site, as this daemon used it.
    public struct Bucket: Codable, Sendable, Equatable {
        /// Of which files: videos or audios.
        public var files: String
        /// The bucket and its address.
        public var name: String
        public var requests: Int
        /// Bytes.
        public var sent: Int64
        public var received: Int64

        package init(files: String, name: String, requests: Int, sent: Int64, received: Int64) {
            self.files = files
            self.name = name
            self.requests = requests
            self.sent = sent
            self.received = received
        }
    }

    /// Copies of objects on this host, as this daemon used them.
    public struct Cache: Codable, Sendable, Equatable {
        /// Bytes of all copies.
        public var size: Int64
        public var hits: Int
        public var misses: Int
        public var evictions: Int
        /// Bytes.
        public var fetched: Int64

        package init(size: Int64, hits: Int, misses: Int, evictions: Int, fetched: Int64) {
            self.size = size
            self.hits = hits
            self.misses = misses
            self.evictions = evictions
            self.fetched = fetched
        }
    }
}
