internal import FoundationEssentials
internal import Jobs

/// What a daemon has done since it started, counted as metrics need it. Only ever rises.
struct Tally: Sendable {
    /// How a try of a job ended.
    enum Outcome: String, Sendable, CaseIterable {
        case done, failed, retried
        case handedBack = "handed-back"
        /// Somebody else's by then, or changed under our feet.
        case lost
        /// The database could not be told.
        case untold
    }

    struct Ending: Hashable, Sendable {
        let outcome: Outcome
        /// Of the verdict, where there is one.
        var code: Verdict.Code?
    }

    private(set) var endings: [Ending: Int] = [:]
    private(set) var tries: [Outcome: Histogram] = [:]
    private(set) var phases: [JobPhase: Histogram] = [:]
    private(set) var lastSuccess: Date?

    mutating func end(_ ending: Ending, after seconds: Double) {
        endings[ending, default: 0] += 1
        tries[ending.outcome, default: Histogram()].observe(seconds)
        if ending.outcome == .done { lastSuccess = Date() }
    }

    mutating func leave(_ phase: JobPhase, after seconds: Double) {
        phases[phase, default: Histogram()].observe(seconds)
    }

    /// Every ending that there can be: a series that begins at its first failure has no rise that an alert could see.
    static let everyEnding: [Ending] = Outcome.allCases.flatMap { outcome in
        switch outcome {
        case .failed: Verdict.Code.allCases.map { Ending(outcome: outcome, code: $0) }
        case .retried: Verdict.Code.allCases.filter(\.isTransient).map { Ending(outcome: outcome, code: $0) }
        case .done, .handedBack, .lost, .untold: [Ending(outcome: outcome)]
        }
    }

    func count(where isCounted: (Ending) -> Bool) -> Int {
        endings.reduce(0) { $0 + (isCounted($1.key) ? $1.value : 0) }
    }
}
