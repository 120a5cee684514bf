/// The state of a row of `transcoder_jobs`. What Fresns sees is `files.transcoding_state`; this says more.
public enum JobState: String, Sendable, CaseIterable {
    /// Returned to the queue, or failed and to be retried (`files` 1). Ends with a claim.
    case waiting
    /// Claimed (`files` 2). Ends with a verdict, a return to the queue, or the loss of its owner.
    case running
    /// The output names are recorded, and files may appear under them (`files` 2). Ends as `running` does.
    case publishing
    /// Written back (`files` 3). Ends only with a forced claim.
    case done
    /// Failed for good (`files` 4). Ends with a forced claim, or when somebody resets the file to 1.
    case failed

    /// Whether a worker holds the job, so that its token is valid.
    public var isHeld: Bool { self == .running || self == .publishing }
}
