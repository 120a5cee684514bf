/// A file that waits, as far as its turn goes.
public struct Candidate: Sendable, Equatable {
    public var fileID: Int64
    /// Seconds that the work is expected to take.
    public var work: Double
    /// Seconds since it was uploaded.
    public var waited: Double
    public var isMessage: Bool

    public init(fileID: Int64, work: Double, waited: Double, isMessage: Bool = false) {
        self.fileID = fileID
        self.work = work
        self.waited = waited
        self.isMessage = isMessage
    }

    var isLong: Bool { work > Schedule.longWork }

    /// Whether it has waited for as long as its length asks of it.
    var isDue: Bool { waited * Schedule.ageing >= work }
}

/// Whose turn it is. Pure: what waits and what runs is passed in.
///
/// The shortest work comes first, and of what is as short the newest. Every fourth time it is the turn of whatever has waited
/// longest, if that is long enough for its length: so nothing waits for ever, and a thousand old files hold up no new one. With
/// two hands or more one of them never takes long work, so that short work waits for short work only.
public struct Schedule: Sendable {
    public enum Priority: String, Sendable, CaseIterable {
        /// What a message names goes before what a post names.
        case messages
        case none
    }

    /// Seconds of work: what takes more is long.
    public static let longWork = 180.0
    /// A second of waiting makes up for so many of work.
    static let ageing = 4.0
    /// Every so many starts, one is the longest waiting one's.
    static let round = 4

    private var starts = 0

    public init() {}

    /// What to begin now; nil where nothing may be begun.
    ///
    /// - Parameters:
    ///   - running: the expected work of each job in hand.
    ///   - hands: how many jobs there may be at a time.
    public mutating func next(
        among candidates: [Candidate], running: [Double], runningJobs: Int, priority: Priority
    ) -> Candidate? {
        guard running.count < runningJobs else { return nil }
        let open = Self.open(candidates, running: running, runningJobs: runningJobs)
        guard let shortest = open.min(by: { Self.isBefore($0, $1, priority) }) else { return nil }
        starts += 1
        let isTurnOfTheOld = starts % Self.round == 0
        let oldest = open.lazy.filter(\.isDue).max(by: Self.isNewer)
        return isTurnOfTheOld ? oldest ?? shortest : shortest
    }

    /// How many jobs there can be at a time, once `candidate` is begun, with those that wait beside it.
    public static func company(
        of candidate: Candidate, among candidates: [Candidate], running: [Double], runningJobs: Int
    ) -> Int {
        let others = candidates.filter { $0.fileID != candidate.fileID }
        let now = running + [candidate.work]
        let short = others.count { !$0.isLong }
        let long = min(others.count - short, max(0, handsForLong(runningJobs) - now.count { $0 > longWork }))
        return min(runningJobs, now.count + short + long)
    }

    /// One hand is kept for short work, where there is more than one.
    private static func handsForLong(_ runningJobs: Int) -> Int { max(1, runningJobs - 1) }

    private static func open(_ candidates: [Candidate], running: [Double], runningJobs: Int) -> [Candidate] {
        let isFull = running.count { $0 > longWork } >= handsForLong(runningJobs)
        return isFull ? candidates.filter { !$0.isLong } : candidates
    }

    private static func isBefore(_ one: Candidate, _ other: Candidate, _ priority: Priority) -> Bool {
        if priority == .messages, one.isMessage != other.isMessage { return one.isMessage }
        if one.work != other.work { return one.work < other.work }
        return isNewer(one, other)
    }

    /// Moments are of whole seconds: within one the order of the ids is that of the uploads.
    private static func isNewer(_ one: Candidate, _ other: Candidate) -> Bool {
        one.waited != other.waited ? one.waited < other.waited : one.fileID > other.fileID
    }
}
