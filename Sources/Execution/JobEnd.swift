public import FoundationEssentials
internal import Jobs
public import Site
public import Verdicts

/// How one attempt of one job ended.
public enum JobEnd: Sendable {
    /// Written back: the site plays the result.
    case done(FileResult)
    /// Failed for good; the row has the reason.
    case failed(Verdict)
    /// To be retried.
    case retry(Verdict, at: Date)
    /// Returned to the queue, as if never claimed.
    case handedBack
    /// Taken over by another worker, or changed in the meantime: the result is discarded.
    case lost
    /// The outcome could not be saved. The row stays as it is until its lease expires.
    case unreported(Verdict, why: String)
}
