internal import HTTPClient

/// One stored source: a row of the index.
struct CacheEntry: Sendable, Equatable {
    /// Unique.
    var key: String
    /// Where it was fetched. Never shown: it may carry a signature.
    var url: String
    /// Below the cache's folder.
    var path: String
    /// The validators of the server.
    var etag: String?
    var modified: String?
    /// Until when it may be served, in seconds since 1970: without asking, while it is asked about, and where asking fails.
    var validTill: Int64
    var staleTill: Int64
    var errorTill: Int64
    /// Where nobody can be asked.
    var mayServeOffline: Bool
    /// When it was last used, in seconds since 1970.
    var touched: Int64
    /// Bytes.
    var length: Int64
    /// Lower-case hexadecimal.
    var sha256: String
    /// Of the file, in nanoseconds since 1970, so that a change is noticed without reading it.
    var written: Int64

    var validators: Validators { Validators(etag: etag, modified: modified) }

    /// Takes over what an answer about it says.
    mutating func renew(_ head: HTTPHead, at now: Int64) {
        let freshness = Freshness(head, now: now)
        etag = head["etag"] ?? etag
        modified = head["last-modified"] ?? modified
        mayServeOffline = freshness.mayServeOffline
        // What is not to be kept serves those who wait for it, and is fetched anew for the next.
        (validTill, staleTill, errorTill) =
            freshness.mayStore ? (freshness.fresh, freshness.whileRevalidating, freshness.ifError) : (now, now, now)
    }
}
