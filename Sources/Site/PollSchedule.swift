/// How often to poll if the database cannot notify: often after recent activity, and less and less while nothing
/// happens. A pause is always a small share of the quiet time before it. Pure: times are passed in.
struct PollSchedule {
    private static let shortest = Duration.milliseconds(250)
    /// A pause is at most this share of the quiet before it.
    private static let part = 20

    /// The last activity.
    private var last: ContinuousClock.Instant

    init(since moment: ContinuousClock.Instant) { last = moment }

    mutating func stir(at moment: ContinuousClock.Instant) { last = max(last, moment) }

    /// - Parameter longest: the longest pause, and the shortest one that is worth a query.
    func pause(at moment: ContinuousClock.Instant, longest: Duration) -> Duration {
        min(longest, max(Self.shortest, last.duration(to: moment) / Self.part))
    }
}
