public import Synchronization

/// The points in a job where a crash may happen, in order.
///
/// For tests: a process that dies at each of them shows how a restart recovers.
public enum Failpoint: String, CaseIterable, Sendable {
    // Claim.
    case found
    /// In the transaction, before its commit; the same for all others ending in -ing.
    case claiming
    case claimed
    // Work.
    case sourceOpened = "source-opened"
    case workNamesRecording = "work-names-recording"
    case workNamesRecorded = "work-names-recorded"
    case workFilesMade = "work-files-made"
    case childStarted = "child-started"
    case probed, planned, progressed
    case childEnded = "child-ended"
    case outcomeChecked = "outcome-checked"
    /// Instead of a child's work: the existing result of the same source has a work name here.
    case duplicateTaken = "duplicate-taken"
    // Publish.
    case outputHashed = "output-hashed"
    case sourceCompared = "source-compared"
    case publicNamesRecorded = "public-names-recorded"
    case outputDurable = "output-durable"
    case outputNamed = "output-named"
    case outputPublished = "output-published"
    case posterDurable = "poster-durable"
    case posterNamed = "poster-named"
    case posterPublished = "poster-published"
    // Write back.
    case rowWriting = "row-writing"
    case jobWriting = "job-writing"
    case writtenBack = "written-back"
    /// The site's cached details are cleared; the job's row still says that they must be.
    case cacheDropped = "cache-dropped"
    case ended
    // A failed attempt.
    case withdrawn
    case failing
    case failed
    // What an earlier crash left.
    case reclaiming
    case reclaimed
    case leftoversFound = "leftovers-found"
    case leftoverRemoved = "leftover-removed"
    case leftoverForgotten = "leftover-forgotten"
    // Expired files.
    case retiring, retired

    /// Called at every step, on the thread or task that passes it. One per process, because the process is what
    /// dies; nil except in the program that tests crashes.
    public static let observer = Mutex<(@Sendable (Failpoint) -> Void)?>(nil)

    public func hit() {
        Self.observer.withLock(\.self)?(self)
    }
}
