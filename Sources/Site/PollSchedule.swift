/// How often to look where no database tells: often while something has happened lately, and ever more seldom while nothing
/// does. Whatever the pause, it is a small share of the time that all has been quiet. Pure: the moments are the caller's.
struct PollSchedule {
    private static let shortest = Duration.milliseconds(250)
    /// A pause is at most this part of the quiet before it.
    private static let part = 20

    /// When something last happened.
    private var last: ContinuousClock.Instant

    init(since moment: ContinuousClock.Instant) { last = moment }

    mutating func stir(at moment: ContinuousClock.Instant) { last = max(last, moment) }

    /// - Parameter longest: no pause is longer, nor needs to be shorter where this is shorter already.
    func pause(at moment: ContinuousClock.Instant, longest: Duration) -> Duration {
        min(longest, max(Self.shortest, last.duration(to: moment) / Self.part))
    }
}
