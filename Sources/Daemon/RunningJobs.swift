internal import Execution
internal import Jobs
internal import Synchronization

/// The running jobs. May be used from any task.
final class RunningJobs: Sendable {
    private struct Entry {
        let job: HeldJob
        /// Expected seconds.
        let work: Double
    }

    private let jobs = Mutex<[Int64: Entry]>([:])

    var count: Int { jobs.withLock { $0.count } }
    /// The expected seconds of each job.
    var expected: [Double] { jobs.withLock { $0.values.map(\.work) } }

    var held: [HeldJob] { jobs.withLock { $0.values.map(\.job) } }

    /// A file that another worker took over may still be running here until its job has ended.
    func has(_ fileID: Int64) -> Bool { jobs.withLock { $0[fileID] != nil } }

    func add(_ claim: Claim, work: Double) -> JobControl {
        let control = JobControl()
        jobs.withLock { $0[claim.fileID] = Entry(job: HeldJob(claim: claim, control: control), work: work) }
        return control
    }

    func remove(_ fileID: Int64) { jobs.withLock { _ = $0.removeValue(forKey: fileID) } }

    func stop(_ stop: JobControl.Stop) {
        for job in held { job.control.stop(stop) }
    }
}
