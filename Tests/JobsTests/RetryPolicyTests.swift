import Jobs
import TestSupport
import Testing
import Verdicts

@Suite struct RetryPolicyTests {
    let policy = RetryPolicy()
    let full = Verdict(.diskFull)

    @Test(arguments: zip([1, 2, 3, 4, 5, 6, 1000], [30.0, 120, 480, 1920, 3600, 3600, 3600]))
    func waitsGrowUpToTheCap(attempt: Int, seconds: Double) {
        var policy = policy
        policy.maxAttempts = .max
        #expect(policy.next(after: full, attempt: attempt, random: 0.5) == .retry(after: .seconds(seconds)))
    }

    @Test(arguments: zip([0.0, 0.25, 0.5, 0.75, 1.0], [24.0, 27, 30, 33, 36]))
    func jitterIsAFifthEitherWay(random: Double, seconds: Double) {
        #expect(policy.next(after: full, attempt: 1, random: random) == .retry(after: .seconds(seconds)))
    }

    @Test(arguments: [-5.0, 7.0])
    func jitterStaysInBoundsWhateverIsPassed(random: Double) {
        guard case .retry(let wait) = policy.next(after: full, attempt: 1, random: random) else {
            Issue.record("no retry")
            return
        }
        #expect(wait >= .seconds(24) && wait <= .seconds(36))
    }

    @Test func lastTryGivesUp() {
        #expect(policy.next(after: full, attempt: 2, random: 0.5) != .giveUp)
        #expect(policy.next(after: full, attempt: 3, random: 0.5) == .giveUp)
        #expect(policy.next(after: full, attempt: 4, random: 0.5) == .giveUp)
    }

    /// With safer settings, once.
    @Test(arguments: Verdict.Code.allCases.filter(\.isFault))
    func aFaultIsTriedOnceMore(code: Verdict.Code) {
        #expect(policy.next(after: Verdict(.example(code)), attempt: 1, random: 0.5) == .retry(after: .seconds(30)))
        #expect(policy.next(after: Verdict(.example(code)), attempt: 2, random: 0.5) == .giveUp)
    }

    @Test(arguments: Verdict.Code.allCases.filter { !$0.isTransient })
    func permanentVerdictsGiveUpAtOnce(code: Verdict.Code) {
        #expect(policy.next(after: Verdict(.example(code)), attempt: 1, random: 0.5) == .giveUp)
    }

    @Test func whatIsNoTryNeverGivesUp() {
        #expect(policy.next(after: Verdict(.databaseUnreachable), attempt: 99, random: 0.5) == .retry(after: .seconds(3600)))
        #expect(policy.next(after: Verdict(.drained), attempt: 99, random: 0.5) == .retry(after: .zero))
    }

    /// One look may have met a disk that was away.
    @Test func aMissingSourceIsLookedForTwice() {
        var policy = policy
        policy.missingWait = .seconds(7)
        let missing = Verdict(.missing)
        for attempt in [1, 2, 100] {
            #expect(policy.next(after: missing, attempt: attempt, random: 0.5) == .retry(after: .seconds(7)))
            #expect(policy.next(after: missing, attempt: attempt, random: 0.5, isSecondLook: true) == .giveUp)
        }
    }
}
