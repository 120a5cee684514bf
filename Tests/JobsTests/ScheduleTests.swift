import Jobs
import Testing

/// A workshop with a clock of its own: jobs take exactly as long as they were expected to.
private struct SimulatedShop {
    struct Job {
        var id: Int64
        var work: Double
        var arrival: Double
        var isMessage = false
        var start: Double?
        var end: Double? { start.map { $0 + work } }
        var wait: Double? { start.map { $0 - arrival } }
    }

    var jobs: [Job] = []
    var runningJobs = 2
    var priority = Schedule.Priority.messages

    mutating func add(_ work: Double, at arrival: Double = 0, isMessage: Bool = false) {
        jobs.append(Job(id: Int64(jobs.count), work: work, arrival: arrival, isMessage: isMessage))
    }

    /// Until everything is done, or the clock shows `end`. As a site tells: of what waits, the hundred oldest and newest.
    mutating func run(until end: Double = .infinity) {
        var schedule = Schedule()
        var coming = jobs.indices.sorted { jobs[$0].arrival < jobs[$1].arrival }[...]
        var waiting: [Int] = []
        var running: [Int] = []
        var now = 0.0
        while now < end {
            while let next = coming.first, jobs[next].arrival <= now { waiting.append(coming.removeFirst()) }
            running.removeAll { jobs[$0].end! <= now }
            while let next = schedule.next(
                among: Set(waiting.prefix(100) + waiting.suffix(100)).map {
                    Candidate(
                        fileID: jobs[$0].id, work: jobs[$0].work, waited: now - jobs[$0].arrival,
                        isMessage: jobs[$0].isMessage)
                },
                running: running.map { jobs[$0].work }, runningJobs: runningJobs, priority: priority)
            {
                let index = Int(next.fileID)
                jobs[index].start = now
                running.append(index)
                waiting.removeAll { $0 == index }
            }
            let events = running.map { jobs[$0].end! } + (coming.first.map { [jobs[$0].arrival] } ?? [])
            guard let event = events.min() else { return }
            now = event
        }
    }
}

@Suite struct ScheduleTests {
    /// The waits of 20 short jobs that come while two long ones are there.
    private func shortWaits(behind long: Double, runningJobs: Int) -> [Double] {
        var context = SimulatedShop(runningJobs: runningJobs)
        context.add(long)
        context.add(long)
        for index in 0..<20 { context.add(5, at: 1 + Double(index) / 10) }
        context.run()
        return context.jobs.dropFirst(2).compactMap(\.wait)
    }

    @Test(arguments: [2, 3, 8])
    func shortOnesDoNotWaitForLongOnes(runningJobs: Int) {
        let waits = shortWaits(behind: 600, runningJobs: runningJobs)
        #expect(waits.count == 20)
        #expect(waits == shortWaits(behind: 7200, runningJobs: runningJobs))
        #expect(waits.max() ?? .infinity < 100)
    }

    @Test func withOneHandTheShortestComesFirst() {
        var context = SimulatedShop(runningJobs: 1)
        for work in [7200.0, 30, 600, 5] { context.add(work) }
        context.run()
        #expect(context.jobs.sorted { $0.start! < $1.start! }.map(\.work) == [5, 30, 600, 7200])
    }

    /// More short work than the hands can do comes for ever, and the lecture is done all the same.
    @Test(arguments: [1, 2, 4], [300.0, 3600])
    func noFloodStarvesALongOne(runningJobs: Int, long: Double) throws {
        var context = SimulatedShop(runningJobs: runningJobs)
        context.add(long)
        let time = long / 4 + 60
        for index in 0..<Int(time / 4) * runningJobs { context.add(5, at: Double(index) * 4 / Double(runningJobs)) }
        context.run(until: time)
        let wait = try #require(context.jobs[0].wait)
        #expect(wait <= time, "as long as its length asks of it, and its turn")
    }

    @Test func noLongOneIsStarvedByOthers() {
        var context = SimulatedShop(runningJobs: 3)
        context.add(7200)
        for index in 0..<40 { context.add(600, at: Double(index) * 250) }
        context.run()
        #expect(context.jobs[0].wait ?? .infinity < 7200)
    }

    /// Old files by the thousand hold up what is new no more than each other.
    @Test func aBacklogHoldsUpNothingNew() {
        var context = SimulatedShop(runningJobs: 1)
        for _ in 0..<700 { context.add(5, at: -1_000_000) }
        for index in 0..<50 { context.add(5, at: 100 + Double(index) * 60) }
        context.run()
        #expect(context.jobs.dropFirst(700).compactMap(\.wait).max() ?? .infinity <= 15)
    }

    @Test func messagesGoFirstUnlessAllAreEqual() {
        func waits(_ priority: Schedule.Priority) -> (messages: Double, posts: Double) {
            var context = SimulatedShop(runningJobs: 1, priority: priority)
            for index in 0..<40 { context.add(10, at: Double(index) / 10, isMessage: index % 2 == 0) }
            context.run()
            let messages = context.jobs.filter(\.isMessage).compactMap(\.wait).reduce(0, +)
            return (messages / 20, context.jobs.compactMap(\.wait).reduce(0, +) / 20 - messages / 20)
        }
        let first = waits(.messages), equal = waits(.none)
        #expect(first.messages < first.posts * 0.6, "\(first)")
        #expect(abs(equal.messages - equal.posts) < 30, "\(equal)")
    }

    /// Messages without end, and the posts are done too.
    @Test func noFloodOfMessagesStarvesPosts() {
        var context = SimulatedShop(runningJobs: 1)
        for _ in 0..<10 { context.add(5) }
        for index in 0..<1000 { context.add(5, at: Double(index) * 4, isMessage: true) }
        context.run(until: 1000)
        #expect(context.jobs.prefix(10).allSatisfy { $0.start != nil })
    }

    @Test func aLongOneAloneMayHaveEveryThread() {
        let long = [1, 2, 3].map { Candidate(fileID: $0, work: 3600, waited: 0) }
        let short = [4, 5].map { Candidate(fileID: $0, work: 5, waited: 0) }
        #expect(Schedule.company(of: long[0], among: long, running: [], runningJobs: 2) == 1)
        #expect(Schedule.company(of: long[0], among: long, running: [], runningJobs: 4) == 3)
        #expect(Schedule.company(of: long[0], among: long + short, running: [], runningJobs: 2) == 2)
        #expect(Schedule.company(of: short[0], among: short, running: [3600], runningJobs: 4) == 3)
    }

    @Test func noHandMeansNothing() {
        var schedule = Schedule()
        let waiting = [Candidate(fileID: 1, work: 1, waited: 0)]
        #expect(schedule.next(among: waiting, running: [1, 1], runningJobs: 2, priority: .none) == nil)
        #expect(schedule.next(among: [], running: [], runningJobs: 2, priority: .none) == nil)
        let long = [Candidate(fileID: 1, work: 1000, waited: 1_000_000)]
        #expect(schedule.next(among: long, running: [1000], runningJobs: 2, priority: .none) == nil)
        #expect(schedule.next(among: long, running: [1], runningJobs: 2, priority: .none) == long[0])
    }
}
