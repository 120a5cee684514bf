package import Jobs
package import Observability

/// A running job of this process: its claim, how it is stopped, how far it is, and what it may still write.
package struct RunningJob: Sendable {
    package let claim: Claim
    package let control: JobControl
    package let course: JobCourse
    /// Expected seconds.
    package let work: Double
    /// Changed only under the lock of `RunningJobs`.
    var space: JobSpace

    var fileID: Int64 { claim.fileID }
}
