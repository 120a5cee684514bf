import Jobs
import Testing

/// A workshop with a clock of its own: jobs take exactly as long as they were expected to.
private struct SimulatedService {
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
    var concurrency = 2
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
                running: running.map { jobs[$0].work }, concurrency: concurrency, priority: priority)
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
    private func shortWaits(behind long: Double, concurrency: Int) -> [Double] {
        var service = SimulatedService(concurrency: concurrency)
        service.add(long)
        service.add(long)
        for index in 0..<20 { service.add(5, at: 1 + Double(index) / 10) }
        service.run()
        return service.jobs.dropFirst(2).compactMap(\.wait)
    }

    @Test(arguments: [2, 3, 8])
    func shortOnesDoNotWaitForLongOnes(concurrency: Int) {
        let waits = shortWaits(behind: 600, concurrency: concurrency)
        #expect(waits.count == 20)
        #expect(waits == shortWaits(behind: 7200, concurrency: concurrency))
        #expect(waits.max() ?? .infinity < 100)
    }

    @Test func withOneHandTheShortestComesFirst() {
        var service = SimulatedService(concurrency: 1)
        for work in [7200.0, 30, 600, 5] { service.add(work) }
        service.run()
        #expect(service.jobs.sorted { $0.start! < $1.start! }.map(\.work) == [5, 30, 600, 7200])
    }

    /// More short work than the hands can do comes for ever, and the lecture is done all the same.
    @Test(arguments: [1, 2, 4], [300.0, 3600])
    func noFloodStarvesALongOne(concurrency: Int, long: Double) throws {
        var service = SimulatedService(concurrency: concurrency)
        service.add(long)
        let time = long / 4 + 60
        for index in 0..<Int(time / 4) * concurrency { service.add(5, at: Double(index) * 4 / Double(concurrency)) }
        service.run(until: time)
        let wait = try #require(service.jobs[0].wait)
        #expect(wait <= time, "as long as its length asks of it, and its turn")
    }

    @Test func noLongOneIsStarvedByOthers() {
        var service = SimulatedService(concurrency: 3)
        service.add(7200)
        for index in 0..<40 { service.add(600, at: Double(index) * 250) }
        service.run()
        #expect(service.jobs[0].wait ?? .infinity < 7200)
    }

    /// Old files by the thousand hold up what is new no more than each other.
    @Test func aBacklogHoldsUpNothingNew() {
        var service = SimulatedService(concurrency: 1)
        for _ in 0..<700 { service.add(5, at: -1_000_000) }
        for index in 0..<50 { service.add(5, at: 100 + Double(index) * 60) }
        service.run()
        #expect(service.jobs.dropFirst(700).compactMap(\.wait).max() ?? .infinity <= 15)
    }

    @Test func messagesGoFirstUnlessAllAreEqual() {
        func waits(_ priority: Schedule.Priority) -> (messages: Double, posts: Double) {
            var service = SimulatedService(concurrency: 1, priority: priority)
            for index in 0..<40 { service.add(10, at: Double(index) / 10, isMessage: index % 2 == 0) }
            service.run()
            let messages = service.jobs.filter(\.isMessage).compactMap(\.wait).reduce(0, +)
            return (messages / 20, service.jobs.compactMap(\.wait).reduce(0, +) / 20 - messages / 20)
        }
        let first = waits(.messages), equal = waits(.none)
        #expect(first.messages < first.posts * 0.6, "\(first)")
        #expect(abs(equal.messages - equal.posts) < 30, "\(equal)")
    }

    /// Messages without end, and the posts are done too.
    @Test func noFloodOfMessagesStarvesPosts() {
        var service = SimulatedService(concurrency: 1)
        for _ in 0..<10 { service.add(5) }
        for index in 0..<1000 { service.add(5, at: Double(index) * 4, isMessage: true) }
        service.run(until: 1000)
        #expect(service.jobs.prefix(10).allSatisfy { $0.start != nil })
    }

    @Test func aLongOneAloneMayHaveEveryThread() {
        let long = [1, 2, 3].map { Candidate(fileID: $0, work: 3600, waited: 0) }
        let short = [4, 5].map { Candidate(fileID: $0, work: 5, waited: 0) }
        #expect(Schedule.company(of: long[0], among: long, running: [], concurrency: 2) == 1)
        #expect(Schedule.company(of: long[0], among: long, running: [], concurrency: 4) == 3)
        #expect(Schedule.company(of: long[0], among: long + short, running: [], concurrency: 2) == 2)
        #expect(Schedule.company(of: short[0], among: short, running: [3600], concurrency: 4) == 3)
    }

    @Test func noHandMeansNothing() {
        var schedule = Schedule()
        let waiting = [Candidate(fileID: 1, work: 1, waited: 0)]
        #expect(schedule.next(among: waiting, running: [1, 1], concurrency: 2, priority: .none) == nil)
        #expect(schedule.next(among: [], running: [], concurrency: 2, priority: .none) == nil)
        let long = [Candidate(fileID: 1, work: 1000, waited: 1_000_000)]
        #expect(schedule.next(among: long, running: [1000], concurrency: 2, priority: .none) == nil)
        #expect(schedule.next(among: long, running: [1], concurrency: 2, priority: .none) == long[0])
    }
}
