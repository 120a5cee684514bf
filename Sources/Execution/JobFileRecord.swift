internal import Jobs
internal import Logging
internal import Objects
internal import Platform
internal import Site
internal import Synchronization

/// The names of a job's files: each is recorded in the job's row before the file exists, so that whatever a
/// crash leaves behind is found. May be used from any task.
final class JobFileRecord: Sendable {
    private let site: Site
    private let store: any ObjectStore
    private let claim: Claim
    private let control: JobControl
    private let thread: BlockingThread
    private let log: Logger
    private let names = Mutex<[String]>([])

    init(_ runner: JobRunner, store: any ObjectStore, claim: Claim, control: JobControl, thread: BlockingThread) {
        site = runner.context.site
        self.store = store
        log = runner.log
        self.claim = claim
        self.control = control
        self.thread = thread
    }

    /// Throws if another worker owns the claim.
    func record(output: String? = nil, poster: String? = nil, workNames: [String] = []) async throws {
        names.withLock { $0 += [output, poster].compactMap(\.self) + workNames }
        let (site, claim) = (site, claim)
        let isOurs = try await persist {
            try await site.willPublish(claim, output: output, poster: poster, workNames: workNames)
        }
        guard isOurs else {
            control.stop(.lost)
            throw JobControl.Stop.lost.verdict
        }
    }

    /// Removes files under any of the names after a failed job. Never to be called while a row may name
    /// one of them.
    func withdraw() async {
        var gone: [String] = []
        for name in names.withLock(\.self) where await remove(name) { gone.append(name) }
        do {
            try await site.withdrawn(gone, by: claim)
        } catch {
            // The record stays, and the sweep finds nothing to remove.
            log.debug("The work names of file \(claim.fileID) stay recorded: \(error)")
        }
        Failpoint.withdrawn.hit()
    }

    /// Removes the upload once a row names another file instead; not if any row still plays it.
    func remove(original path: String) async {
        do {
            let leftover = try await site.leftovers(after: claim.fileID - 1, limit: 1).first
            guard let leftover, leftover.fileID == claim.fileID, leftover.paths.contains(path), await remove(path) else { return }
            try await site.forget([path], of: claim.fileID)
        } catch {
            log.debug("\(path) stays recorded: \(error)")
        }
    }

    private func remove(_ path: String) async -> Bool {
        let store = store
        do {
            _ = try await thread.run { try store.remove(path) }
            return true
        } catch {
            log.error("\(path) could not be removed: \(error)")
            return false
        }
    }
}
