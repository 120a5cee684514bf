internal import Jobs
internal import Synchronization

/// The running jobs of this process, by file: the only record of them. The dispatcher counts them, the disk budget adds up what they may
/// write, and the status reads their courses. May be used from any thread.
package final class RunningJobs: Sendable {
    private let jobs = Mutex<[Int64: RunningJob]>([:])

    init() {}

    package var all: [RunningJob] { withLock { Array($0.values) } }
    package var count: Int { withLock { $0.count } }

    /// A file that another worker took over may still be running here until its job has ended.
    package func has(_ fileID: Int64) -> Bool { withLock { $0[fileID] != nil } }

    /// To be ended by `end`, which `JobRunner.run` does.
    func begin(_ job: RunningJob) { withLock { $0[job.fileID] = job } }

    func end(_ job: RunningJob) { withLock { _ = $0.removeValue(forKey: job.fileID) } }

    package func stop(_ stop: JobControl.Stop) {
        for job in all { job.control.stop(stop) }
    }

    /// Looks and changes in one step.
    func withLock<Result>(_ body: (inout [Int64: RunningJob]) -> Result) -> Result { jobs.withLock { body(&$0) } }
}
