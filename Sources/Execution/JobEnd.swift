public import FoundationEssentials
public import Jobs
public import Site

/// How one try of one job ended.
public enum JobEnd: Sendable {
    /// Written back: the site plays the result.
    case done(FileResult)
    /// Given up; the row says why.
    case failed(Verdict)
    /// To be tried again.
    case retry(Verdict, at: Date)
    /// As if it had not been claimed.
    case handedBack
    /// Somebody else's by now, or changed under our feet: what was made is discarded.
    case lost
    /// The database could not be told. The row stays as it is until its lease runs out.
    case unreported(Verdict, why: String)
}
