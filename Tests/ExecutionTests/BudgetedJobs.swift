import Jobs
import Objects
import Observability
@testable import Execution

/// Running jobs that only take space of a disk budget.
struct BudgetedJobs {
    private let jobs: RunningJobs
    let budget: DiskBudget

    init(
        _ jobs: RunningJobs = RunningJobs(), reserve: Int = 0,
        look: @escaping @Sendable () throws -> FreeSpace = { FreeSpace(work: .max) }
    ) throws {
        self.jobs = jobs
        budget = try DiskBudget(jobs, reserve: reserve, look: look)
    }

    @discardableResult
    func begin(_ fileID: Int64, sourceSize: Int64, scrubs: Bool = false) -> RunningJob {
        let job = RunningJob(
            claim: Claim(fileID: fileID, token: 1, path: "videos/a.mov", attempt: 1), control: JobControl(),
            course: JobCourse(fileID: fileID, fid: "f", name: "n", attempt: 1), work: 0,
            space: budget.space(for: fileID, sourceSize: sourceSize, scrubs: scrubs))
        jobs.begin(job)
        return job
    }

    func end(_ job: RunningJob) { jobs.end(job) }

    /// As a status board reads them.
    var courses: @Sendable () -> [JobCourse] { { [jobs] in jobs.all.map(\.course) } }
}
