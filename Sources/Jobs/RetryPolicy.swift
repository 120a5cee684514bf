/// What becomes of a job whose try failed.
public enum RetryDecision: Sendable, Equatable {
    case retry(after: Duration)
    case giveUp
}

/// Exponential backoff with jitter, and when to stop. Pure: the random number is passed in.
public struct RetryPolicy: Sendable, Equatable {
    /// Tries in all, the first included.
    public var maxAttempts = 3
    /// Tries that may end in a fault of the child's: the file is at fault, most likely, and safer settings do not help.
    public var maxFaults = 2
    /// The wait after the first failed try.
    public var base: Duration = .seconds(30)
    /// Each further wait is this many times the one before.
    public var factor = 4.0
    /// How long an upload is waited for that is not there, before it is looked for once more.
    public var missingWait: Duration = .seconds(600)
    /// No wait is longer, jitter aside.
    public var cap: Duration = .seconds(3600)
    /// Each wait is stretched or shortened by up to this share, so that files that failed together do not return together.
    public var jitter = 0.2
    /// How many times a job may be lost with its daemon before it is given up: high, for most losses are not its fault.
    public var lossCap = 100

    public init() {}

    /// - Parameters:
    ///   - attempt: the try that failed, 1 for the first.
    ///   - random: in 0..<1.
    ///   - isSecondLook: the try before found no source either, and the wait after it is over.
    public func next(after verdict: Verdict, attempt: Int, random: Double, isSecondLook: Bool = false) -> RetryDecision {
        if verdict.code == .sourceMissing { return isSecondLook ? .giveUp : .retry(after: missingWait) }
        guard verdict.isTransient else { return .giveUp }
        if verdict.code == .drained { return .retry(after: .zero) }
        if verdict.code.countsAsTry, attempt >= maxAttempts { return .giveUp }
        if verdict.code.isFault, attempt >= maxFaults { return .giveUp }
        return .retry(after: wait(afterAttempt: attempt, random: random))
    }

    private func wait(afterAttempt attempt: Int, random: Double) -> Duration {
        var seconds = base.inSeconds
        let most = cap.inSeconds
        // By steps, and not by a power: it stops growing at the cap, so no attempt number overflows it.
        var step = 1
        while step < attempt, seconds < most {
            seconds *= factor
            step += 1
        }
        let stretch = 1 + jitter * (2 * min(max(random, 0), 1) - 1)
        // A year is more than any setting means, and far less than what a number holds.
        return .milliseconds(Int64((min(max(seconds, 0), most, 31_536_000) * stretch * 1000).rounded()))
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
