/// When each of the loop's less frequent checks last ran, and what decides when the next is due.
struct CheckTimes {
    var reclaim: ContinuousClock.Instant?
    var sweep: ContinuousClock.Instant?
    var retention: ContinuousClock.Instant?
    var cache: ContinuousClock.Instant?
    var away: ContinuousClock.Instant?
    var followUp: ContinuousClock.Instant?
    /// Readers may put old details back: check again soon.
    var followsUp = false
    var counts: ContinuousClock.Instant?
    /// Passes in a row in which the database could not be queried.
    var failures = 0

    static func isDue(_ last: inout ContinuousClock.Instant?, every interval: Duration) -> Bool {
        let now = ContinuousClock.now
        if let last, now - last < interval { return false }
        last = now
        return true
    }
}
