public import Synchronization

/// The places in the way of a job that a crash may fall between, in the order in which they are passed.
///
/// They are there to be tried: a program that dies at each of them shows what a restart makes of it.
public enum Failpoint: String, CaseIterable, Sendable {
    // Claim.
    case found
    /// In the transaction, before its commit; so are the others in -ing.
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
    /// In the place of a child's work: what was made of the same source before has a work name here.
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
    /// The site's cached details are gone; the job's row still says that they are to be dropped.
    case cacheDropped = "cache-dropped"
    case ended
    // A failed try.
    case withdrawn
    case failing
    case failed
    // What an earlier crash left.
    case reclaiming
    case reclaimed
    case leftoversFound = "leftovers-found"
    case leftoverRemoved = "leftover-removed"
    case leftoverForgotten = "leftover-forgotten"
    // Files that have had their time.
    case retiring, retired

    /// Told of every step, on the thread or task that passes it. One for the process, for it is the process that is to
    /// die of it; nil but in the program that tries what a crash does.
    public static let observer = Mutex<(@Sendable (Failpoint) -> Void)?>(nil)

    public func hit() {
        Self.observer.withLock(\.self)?(self)
    }
}
