import Testing
@testable import Notifications

@Suite struct TellingRuleTests {
    private let hour = TellingRule.rest

    private func latest(_ number: Int64, isFailure: Bool, due: Int64, failures: Int64 = 0, failureDue: Int64? = nil) -> TellingRule.Latest {
        TellingRule.Latest(number: number, isFailure: isFailure, dueAt: due, since: 5, failures: failures, failureDueAt: failureDue)
    }

    @Test func theFirstFailureIsToldAtOnce() {
        #expect(TellingRule.failed(nil, at: 1000) == .tell(number: 1, dueAt: 1000, since: 1000, failures: 1))
    }

    @Test func withinAnHourItIsOnlyCounted() {
        let first = latest(1, isFailure: true, due: 1000)
        #expect(TellingRule.failed(first, at: 1000) == .count && TellingRule.failed(first, at: 1000 + hour - 1) == .count)
        #expect(TellingRule.failed(latest(1, isFailure: true, due: 1000, failures: 7), at: 1000 + hour) == .tell(number: 2, dueAt: 1000 + hour, since: 5, failures: 8))
    }

    @Test func thatItIsOverIsToldOnce() {
        #expect(TellingRule.ended(latest(3, isFailure: true, due: 1000), at: 2000) == .tell(number: 4, dueAt: 2000, since: 5, failures: 0))
        #expect(TellingRule.ended(latest(4, isFailure: false, due: 2000), at: 3000) == .nothing && TellingRule.ended(nil, at: 0) == .nothing)
    }

    /// It comes and goes: one message an hour, and the last word is true.
    @Test func whatBeginsAgainWaitsForTheHour() {
        let over = latest(2, isFailure: false, due: 2000, failureDue: 1000)
        #expect(TellingRule.failed(over, at: 3000) == .tell(number: 3, dueAt: 1000 + hour, since: 3000, failures: 1))
        let waiting = latest(3, isFailure: true, due: 1000 + hour)
        #expect(TellingRule.failed(waiting, at: 4000) == .count)
        #expect(TellingRule.ended(waiting, at: 5000) == .withdraw)
        #expect(TellingRule.failed(over, at: 1000 + 2 * hour) == .tell(number: 3, dueAt: 1000 + 2 * hour, since: 1000 + 2 * hour, failures: 1))
    }

    @Test func theWaitsGrowUpToAnHour() {
        #expect((1...4).map(DeliveryBackoff.wait) == [2000, 8000, 32_000, 128_000])
        #expect([0, 7, 100, .max].map(DeliveryBackoff.wait) == [2000, 3_600_000, 3_600_000, 3_600_000])
    }
}
