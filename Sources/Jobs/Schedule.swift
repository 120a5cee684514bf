/// A waiting file, as the scheduler sees it.
public struct Candidate: Sendable, Equatable {
    public var fileID: Int64
    /// Expected seconds of work.
    public var work: Double
    /// Seconds since its upload.
    public var waited: Double
    public var isMessage: Bool

    public init(fileID: Int64, work: Double, waited: Double, isMessage: Bool = false) {
        self.fileID = fileID
        self.work = work
        self.waited = waited
        self.isMessage = isMessage
    }

    var isLong: Bool { work > Schedule.longWork }

    /// Whether it has waited long enough for its length.
    var isDue: Bool { waited * Schedule.ageing >= work }
}

/// Picks the next file. Pure: waiting and running files are passed in.
///
/// The shortest work goes first, and among equally short ones the newest. Every fourth start goes to the file that has waited
/// longest, if it has waited long enough for its length: so nothing starves, and a thousand old files do not block a new one. With
/// two or more workers, one never takes long work, so that short work only waits for short work.
public struct Schedule: Sendable {
    public enum Priority: String, Sendable, CaseIterable {
        /// Files in messages go before files in posts.
        case messages
        case none
    }

    /// Seconds of work above which a file is long.
    public static let longWork = 180.0
    /// A second of waiting counts as this many seconds of work.
    static let ageing = 4.0
    /// Every nth start goes to the file that has waited longest.
    static let round = 4

    private var starts = 0

    public init() {}

    /// What to start now; nil if nothing may start.
    ///
    /// - Parameters:
    ///   - running: the expected work of each running job.
    ///   - concurrency: the maximum number of concurrent jobs.
    public mutating func next(
        among candidates: [Candidate], running: [Double], concurrency: Int, priority: Priority
    ) -> Candidate? {
        guard running.count < concurrency else { return nil }
        let open = Self.open(candidates, running: running, concurrency: concurrency)
        guard let shortest = open.min(by: { Self.isBefore($0, $1, priority) }) else { return nil }
        starts += 1
        let isTurnOfTheOld = starts % Self.round == 0
        let oldest = open.lazy.filter(\.isDue).max(by: Self.isNewer)
        return isTurnOfTheOld ? oldest ?? shortest : shortest
    }

    /// How many jobs there can be at a time once `candidate` runs, together with the waiting files.
    public static func company(
        of candidate: Candidate, among candidates: [Candidate], running: [Double], concurrency: Int
    ) -> Int {
        let others = candidates.filter { $0.fileID != candidate.fileID }
        let now = running + [candidate.work]
        let short = others.count { !$0.isLong }
        let long = min(others.count - short, max(0, slotsForLong(concurrency) - now.count { $0 > longWork }))
        return min(concurrency, now.count + short + long)
    }

    /// If there is more than one worker, one is kept for short work.
    private static func slotsForLong(_ concurrency: Int) -> Int { max(1, concurrency - 1) }

    private static func open(_ candidates: [Candidate], running: [Double], concurrency: Int) -> [Candidate] {
        let isFull = running.count { $0 > longWork } >= slotsForLong(concurrency)
        return isFull ? candidates.filter { !$0.isLong } : candidates
    }

    private static func isBefore(_ one: Candidate, _ other: Candidate, _ priority: Priority) -> Bool {
        if priority == .messages, one.isMessage != other.isMessage { return one.isMessage }
        if one.work != other.work { return one.work < other.work }
        return isNewer(one, other)
    }

    /// Times are whole seconds: within one, the IDs give the order of the uploads.
    private static func isNewer(_ one: Candidate, _ other: Candidate) -> Bool {
        one.waited != other.waited ? one.waited < other.waited : one.fileID > other.fileID
    }
}
