import Jobs
import Site
import TestSupport
import Testing
@testable import Execution
@testable import Observability

/// One record of a running job, which the dispatcher, the disk budget and the status read.
@Suite struct RunningJobTests {
    @Test func aJobBegunIsKnownToAllAndEndedForAll() async throws {
        let site = try await JobSite()
        let job = try await ClaimedJob(site, try await site.publish("tune.mp3"), site.configuration())
        let (jobs, budget) = (job.context.jobs, job.context.budget)
        let running = job.context.begin(job.file, job.claim, work: 7)
        #expect(jobs.has(job.file.id) && jobs.count == 1 && jobs.all.map(\.work) == [7])
        #expect(budget.promised > (job.file.size ?? 0))
        #expect(job.board.status().running.map(\.fileID) == [job.file.id])
        let end = await job.context.runner(board: job.board).run(job.file, running, threads: 1)
        guard case .done = end else { Issue.record("\(end)"); return }
        #expect(!jobs.has(job.file.id) && jobs.count == 0 && budget.promised == 0)
        #expect(job.board.status().running.isEmpty && job.board.status().counts.done == 1)
        await job.context.site.close()
    }

    /// Between its outcome and its end a job still has its space, but is not counted twice.
    @Test func whatIsDoneIsNotRunning() throws {
        let jobs = try BudgetedJobs()
        let board = StatusBoard(pid: 1, host: "media-1", database: "sqlite", running: jobs.courses)
        let job = jobs.begin(1, sourceSize: 1000)
        #expect(board.status().running.count == 1)
        board.succeed(job.course, mediaSeconds: 1, bytesIn: 1, bytesOut: 1, processorSeconds: 1)
        #expect(board.status().running.isEmpty && board.status().counts.done == 1 && jobs.budget.promised > 0)
        jobs.end(job)
        #expect(jobs.budget.promised == 0)
    }

    @Test func aStopReachesAllThatRun() throws {
        let jobs = RunningJobs()
        let budget = try BudgetedJobs(jobs)
        let controls = (Int64(1)...3).map { budget.begin($0, sourceSize: 1).control }
        jobs.stop(.drained)
        #expect(controls.allSatisfy { $0.isStoppedFor == .drained })
    }
}
