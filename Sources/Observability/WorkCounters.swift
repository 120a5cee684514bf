internal import FoundationEssentials
internal import Jobs
package import Verdicts

/// A daemon's counters since it started, as metrics need them. They only increase.
package struct WorkCounters: Sendable {
    /// How an attempt ended.
    package enum Outcome: String, Sendable, CaseIterable {
        case done, failed, retried
        case handedBack = "handed-back"
        /// Taken over by another worker, or changed in the meantime.
        case lost
        /// The outcome could not be saved.
        case unreported
    }

    package struct Ending: Hashable, Sendable {
        package let outcome: Outcome
        /// The verdict's code, if there is one.
        package var code: Verdict.Code?
    }

    private(set) var endings: [Ending: Int] = [:]
    package private(set) var tries: [Outcome: Histogram] = [:]
    package private(set) var phases: [JobPhase: Histogram] = [:]
    private(set) var lastSuccess: Date?

    package mutating func end(_ ending: Ending, after seconds: Double) {
        endings[ending, default: 0] += 1
        tries[ending.outcome, default: Histogram()].observe(seconds)
        if ending.outcome == .done { lastSuccess = Date() }
    }

    package mutating func leave(_ phase: JobPhase, after seconds: Double) {
        phases[phase, default: Histogram()].observe(seconds)
    }

    /// All possible endings: a series that first appears with a failure has no increase that an alert could see.
    static let everyEnding: [Ending] = Outcome.allCases.flatMap { outcome in
        switch outcome {
        case .failed: Verdict.Code.allCases.map { Ending(outcome: outcome, code: $0) }
        case .retried: Verdict.Code.allCases.filter(\.isTransient).map { Ending(outcome: outcome, code: $0) }
        case .done, .handedBack, .lost, .unreported: [Ending(outcome: outcome)]
        }
    }

    package func count(where isCounted: (Ending) -> Bool) -> Int {
        endings.reduce(0) { $0 + (isCounted($1.key) ? $1.value : 0) }
    }
}
