internal import HTTPClient

/// Until when a stored response may be served, in seconds since 1970.
struct Freshness: Sendable, Equatable {
    /// Without asking.
    var fresh: Int64
    /// While it is asked about in the background.
    var whileRevalidating: Int64
    /// Where asking fails.
    var ifError: Int64
    /// Where nobody can be asked, however old it is (RFC 9111, 4.2.4).
    var mayServeOffline: Bool
    var mayStore: Bool

    /// What changes without telling is asked about after this share of its age, and at most after a day (RFC 9111, 4.2.2).
    private static let heuristicShare: Int64 = 10
    private static let heuristicMost: Int64 = 86_400

    /// - Parameter now: when the response was received.
    init(_ head: HTTPHead, now: Int64) {
        let control = CacheControl(head.fields.filter { $0.name == "cache-control" }.map(\.value))
        let date = head["date"].flatMap(HTTPDate.seconds).map(Int64.init) ?? now
        let lifetime: Int64 =
            if let maxAge = control.maxAge {
                Int64(maxAge)
            } else if let expires = head["expires"] {
                // Anything but a date is in the past.
                HTTPDate.seconds(expires).map { max(0, Int64($0) - date) } ?? 0
            } else if let modified = head["last-modified"].flatMap(HTTPDate.seconds) {
                min(max(0, date - Int64(modified)) / Self.heuristicShare, Self.heuristicMost)
            } else {
                0
            }
        // How old it was when it came, by its own word and by its date.
        let age = max(0, now - date, head["age"].flatMap { Int64($0) } ?? 0)
        mayStore = control.mayStore
        mayServeOffline = control.mayStore && !control.mustAsk && !control.mustRevalidate
        fresh = control.mustAsk ? now : now + max(0, lifetime - age)
        whileRevalidating = control.mustAsk || control.mustRevalidate ? fresh : fresh + Int64(control.staleWhileRevalidate ?? 0)
        ifError = control.mustAsk || control.mustRevalidate ? fresh : fresh + Int64(control.staleIfError ?? 0)
    }
}
