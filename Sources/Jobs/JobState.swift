/// The state of a row of `transcoder_jobs`. What Fresns sees is `files.transcoding_state`; this says more.
public enum JobState: String, Sendable, CaseIterable {
    /// Given back, or failed and to be tried again (`files` 1). Left by a claim.
    case waiting
    /// Claimed (`files` 2). Left by a verdict, by handing it back, or when its owner is lost.
    case running
    /// The output's names are recorded and files may appear under them (`files` 2). Left as `running` is.
    case publishing
    /// Written back (`files` 3). Left by a forced claim only.
    case done
    /// Given up (`files` 4). Left by a forced claim, or when somebody sets the file back to 1.
    case failed

    /// Whether somebody holds the job, so that its token is worth something.
    public var isHeld: Bool { self == .running || self == .publishing }
}
