import Foundation
import Jobs
import MediaWire
import Objects
import Synchronization
import TestSupport
import Testing
import Verdicts
@testable import Execution

@Suite struct DiskBudgetTests {
    private static let poster: Int64 = 1 << 20

    private func planned(_ bytes: Int?) -> MediaMessage {
        var plan = PlanReport()
        plan.outputSize = bytes
        return .planned(plan)
    }

    private func jobs(free: Int64, storage: Int64? = nil, reserve: Int = 0) throws -> (BudgetedJobs, FreeSpace) {
        let space = FreeSpace(work: free, storage: storage)
        return (try BudgetedJobs(reserve: reserve) { space }, space)
    }

    @Test func whatIsNeededAndTheReserveMustBeThere() throws {
        let (jobs, space) = try jobs(free: 10_000_000, reserve: 5_000_000)
        let fits = 5_000_000 - Self.poster
        #expect(jobs.budget.shortage(of: 1, sourceSize: fits, scrubs: false, in: space) == nil)
        let shortage = try #require(jobs.budget.shortage(of: 1, sourceSize: fits + 1, scrubs: false, in: space))
        #expect(shortage.verdict.code == .noRoom)
        #expect(shortage.verdict.reason.contains("5.0 MB needed, 10.0 MB free, 5.0 MB of it kept free"))
        #expect(jobs.budget.shortage(of: 1, sourceSize: fits / 2 + 1, scrubs: true, in: space) != nil, "a scrubbed original counts")
        #expect(jobs.budget.shortage(of: 1, sourceSize: 0, scrubs: false, in: FreeSpace(work: 5_000_000)) != nil, "never nothing")
        #expect(jobs.budget.shortage(of: 1, sourceSize: .max / 4, scrubs: false, in: nil) == nil, "a disk that cannot be asked")
        jobs.budget.set(reserve: 0)
        #expect(jobs.budget.shortage(of: 1, sourceSize: fits + 1, scrubs: false, in: space) == nil)
    }

    @Test func whatRunningJobsMayStillWriteIsTheirs() throws {
        let (jobs, space) = try jobs(free: 10_000_000)
        let job = jobs.begin(1, sourceSize: 6_000_000)
        #expect(jobs.budget.promised == 6_000_000 + Self.poster)
        #expect(jobs.budget.shortage(of: 2, sourceSize: 2_000_000, scrubs: false, in: space) != nil)
        // What it has written is free no more.
        let folder = TemporaryFolder()
        let path = folder.path + "/output"
        try Data(count: 5_000_000).write(to: URL(filePath: path))
        let file = try #require(FileHandle(forReadingAtPath: path))
        #expect(jobs.budget.look(at: 1, output: file.fileDescriptor) == nil)
        #expect(jobs.budget.promised == 1_000_000 + Self.poster)
        #expect(jobs.budget.shortage(of: 2, sourceSize: 2_000_000, scrubs: false, in: space) == nil)
        jobs.end(job)
        #expect(jobs.budget.promised == 0)
    }

    @Test func aPlanReplacesTheGuessAndIsRemembered() throws {
        let (jobs, space) = try jobs(free: 10_000_000)
        let job = jobs.begin(1, sourceSize: 1000)
        #expect(jobs.budget.hear(planned(5_000_000), of: 1, limits: MediaLimits()) == nil)
        #expect(jobs.budget.promised == 5_000_000 + Self.poster)
        #expect(jobs.budget.hear(planned(20_000_000), of: 1, limits: MediaLimits()) != nil)
        jobs.end(job)
        #expect(jobs.budget.shortage(of: 1, sourceSize: 1000, scrubs: false, in: space) != nil, "not begun in vain again")
        #expect(jobs.budget.shortage(of: 2, sourceSize: 1000, scrubs: false, in: space) == nil)
        #expect(jobs.budget.shortage(of: 1, sourceSize: 1000, scrubs: false, in: FreeSpace(work: 30_000_000)) == nil)
    }

    /// A child that lies gets no more than a result may have, and no overflow.
    @Test(arguments: [Int.min, -1, 0, .max])
    func whatAChildSaysIsClamped(bytes: Int) throws {
        let (jobs, _) = try jobs(free: 10_000_000)
        var limits = MediaLimits()
        limits.outputSize = 4_000_000
        jobs.begin(1, sourceSize: 1000)
        #expect(jobs.budget.hear(planned(bytes), of: 1, limits: limits) == nil)
        #expect((1...4_000_000).contains(jobs.budget.promised - Self.poster))
    }

    /// Work is done in the scratch folder, and copied to the storage as a whole.
    @Test func bothFileSystemsCount() throws {
        let (jobs, _) = try jobs(free: 0)
        let full = FreeSpace(work: 10_000_000, storage: 2_000_000), wide = FreeSpace(work: 10_000_000, storage: 20_000_000)
        #expect(jobs.budget.shortage(of: 1, sourceSize: 5_000_000, scrubs: false, in: full) != nil)
        #expect(jobs.budget.shortage(of: 1, sourceSize: 5_000_000, scrubs: false, in: wide) == nil)
        #expect(jobs.budget.shortage(of: 1, sourceSize: 15_000_000, scrubs: false, in: wide) != nil)
    }

    /// Whoever else fills the disk: what was to stay free when the job began stays free.
    @Test func aBrokenReserveStopsWhatRuns() throws {
        let free = Mutex<Int64>(10_000_000)
        let jobs = try BudgetedJobs(reserve: 5_000_000) { FreeSpace(work: free.withLock { $0 }) }
        jobs.begin(1, sourceSize: 1000)
        #expect(jobs.budget.look(at: 1, output: nil) == nil)
        jobs.budget.set(reserve: 9_000_000)
        free.withLock { $0 = 5_000_001 }
        #expect(jobs.budget.look(at: 1, output: nil) == nil, "a job goes by what held when it began")
        free.withLock { $0 = 4_999_999 }
        #expect(jobs.budget.look(at: 1, output: nil)?.verdict.code == .noRoom)
        #expect(jobs.budget.look(at: 2, output: nil) == nil, "nobody's job")
    }

    /// A row, a disk and a plan may hold any number.
    @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
    func noNumberTraps(number: Int64) throws {
        for free in [Int64.min, 0, number, .max] {
            for reserve in [0, Int.max] {
                let space = FreeSpace(work: free, storage: number)
                let jobs = try BudgetedJobs(reserve: reserve) { space }
                for id in Int64(1)...3 {
                    _ = jobs.budget.shortage(of: id, sourceSize: number, scrubs: true, in: space)
                    jobs.begin(id, sourceSize: number, scrubs: true)
                    _ = jobs.budget.hear(planned(Int(number)), of: id, limits: MediaLimits())
                    _ = jobs.budget.look(at: id, output: nil)
                }
                #expect(jobs.budget.promised >= 0)
            }
        }
    }
}
