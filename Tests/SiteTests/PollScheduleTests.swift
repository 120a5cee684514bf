import Testing

@testable import Site

/// With a clock of the tests' own.
@Suite struct PollScheduleTests {
    private let start = ContinuousClock.now

    @Test func oftenAtFirstAndEverMoreSeldom() {
        let rhythm = PollSchedule(since: start)
        var pauses: [Duration] = []
        var now = start
        while now < start + .seconds(600) {
            pauses.append(rhythm.pause(at: now, longest: .seconds(5)))
            now += pauses.last ?? .zero
        }
        #expect(pauses.first == .milliseconds(250) && pauses.last == .seconds(5))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(pauses.count { $0 == .milliseconds(250) } == 21, "five seconds long")
        #expect(pauses.count < 190, "of 2400 looks in ten minutes few are left: \(pauses.count)")
    }

    @Test func whatHappensBringsItBack() {
        var rhythm = PollSchedule(since: start)
        #expect(rhythm.pause(at: start + .seconds(40), longest: .seconds(5)) == .seconds(2))
        rhythm.stir(at: start + .seconds(40))
        #expect(rhythm.pause(at: start + .seconds(41), longest: .seconds(5)) == .milliseconds(250))
        rhythm.stir(at: start)
        #expect(rhythm.pause(at: start + .seconds(41), longest: .seconds(5)) == .milliseconds(250), "what is older changes nothing")
    }

    @Test func noPauseIsLongerThanTheLongest() {
        let rhythm = PollSchedule(since: start)
        #expect(rhythm.pause(at: start, longest: .milliseconds(100)) == .milliseconds(100))
        #expect(rhythm.pause(at: start + .seconds(86400), longest: .seconds(3600)) == .seconds(3600))
        #expect(rhythm.pause(at: start - .seconds(5), longest: .seconds(5)) == .milliseconds(250), "a moment before")
    }
}
