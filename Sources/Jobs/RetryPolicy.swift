public import Verdicts

/// What happens to a job after a failed attempt.
public enum RetryDecision: Sendable, Equatable {
    case retry(after: Duration)
    case giveUp
}

/// Exponential backoff with jitter, and when to give up. Pure: the random number is passed in.
public struct RetryPolicy: Sendable, Equatable {
    /// All attempts, including the first.
    public var maxAttempts = 3
    /// Attempts that may end in a fault of the child: most likely the file causes it, and safer settings do not help.
    public var maxFaults = 2
    /// The wait after the first failed attempt.
    public var base: Duration = .seconds(30)
    /// The factor between two waits.
    public var factor = 4.0
    /// How long to wait for a missing upload before it is looked for once more.
    public var missingWait: Duration = .seconds(600)
    /// The longest wait, without jitter.
    public var cap: Duration = .seconds(3600)
    /// Each wait varies by up to this share, so that files that failed together are not retried together.
    public var jitter = 0.2
    /// How many times a job may be lost with its daemon before it fails: high, because most losses are not its fault.
    public var lossCap = 100

    public init() {}

    /// - Parameters:
    ///   - attempt: the failed attempt, 1 for the first.
    ///   - random: in 0..<1.
    ///   - isSecondLook: the previous attempt found no source either, and the wait after it is over.
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
        // In steps instead of a power: it stops growing at the cap, so no attempt number overflows it.
        var step = 1
        while step < attempt, seconds < most {
            seconds *= factor
            step += 1
        }
        let stretch = 1 + jitter * (2 * min(max(random, 0), 1) - 1)
        // A year is more than any useful setting, and far below an overflow.
        return .milliseconds(Int64((min(max(seconds, 0), most, 31_536_000) * stretch * 1000).rounded()))
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
