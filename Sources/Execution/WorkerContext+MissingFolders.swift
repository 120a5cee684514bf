internal import Jobs
internal import Logging
internal import Objects
internal import Platform
internal import Site
package import Verdicts
internal import WorkerConfiguration

/// Waiting for missing folders.
extension WorkerContext {
    /// Checks each folder again: the files of one that is back are due at once.
    package func lookForAway() async {
        do {
            let thread = try BlockingThread()
            for folder in away.all {
                let (disk, path) = (disk, folder.path)
                let relative = MissingFolders.relative(path, to: disk.root)
                guard await thread.run({ (try? disk.isAway(path)) ?? true }) else {
                    let files = try await site.recall(beneath: relative)
                    away.remove(path)
                    log.notice("The folder \(path) is available again; \(files == 1 ? "1 file" : "\(files) files") can continue.")
                    continue
                }
                if away.isToCount(path) { away.set(waiting: try await site.countWaiting(beneath: relative), for: path) }
            }
        } catch {
            // The next check is soon.
            log.debug("Missing folders could not be checked: \(error)")
        }
    }

    /// Why all waiting files cannot proceed, if missing folders are the cause; else nil.
    package func lastingAbsence(unfinished: Int) async throws -> Verdict? {
        guard away.areAway(for: configuration.retry.missingWait) else { return nil }
        var waiting = 0
        for folder in away.all { waiting += try await site.countWaiting(beneath: MissingFolders.relative(folder.path, to: disk.root)) }
        guard waiting >= unfinished else { return nil }
        return Verdict(.foldersMissing(paths: away.all.prefix(5).map(\.path).joined(separator: ", ")))
    }
}
