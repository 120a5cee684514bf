internal import FoundationEssentials
internal import Jobs
internal import Logging
public import Observability
public import Site
internal import Synchronization
internal import Verdicts
internal import WorkerConfiguration

/// Transcodes one file by hand, with the same claim, work and write-back as a daemon.
public final class ForegroundRun: Sendable {
    public enum Outcome: Sendable {
        case alreadyDone
        case done(FileResult)
        /// Ended in state 4, now or earlier.
        case failed(reason: String)
        /// Not eligible.
        case refused(reason: String)
        /// Another worker holds it, there is no disk space, the database is unreachable, or the run was stopped.
        case later(reason: String)
    }

    private let context: WorkerContext
    private let board: StatusBoard
    private let isStopped = Atomic(false)

    public init(_ context: WorkerContext, board: StatusBoard) {
        self.context = context
        self.board = board
    }

    /// Stops the running job; its file returns to the queue.
    public func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        context.jobs.stop(.drained)
    }

    /// - Parameter force: transcodes again from the original, even if the file is done or failed.
    public func run(_ found: MediaFile, force: Bool) async throws -> Outcome {
        try await context.reclaim()
        guard var file = try await context.site.file(id: found.id) else {
            return .refused(reason: "File \(found.id) no longer exists.")
        }
        if let reason = try await context.site.refusal(of: file) { return .refused(reason: reason) }
        if !force {
            switch file.state {
            case .done: return .alreadyDone
            case .failed: return .failed(reason: "It failed before: \(file.reason ?? "") Use --force to transcode it again.")
            case .running: return .later(reason: "Another worker is transcoding it.")
            case .waiting, .unknown: break
            }
        }
        let (budget, scrubs) = (context.budget, context.scrubs)
        if let shortage = budget.shortage(of: file, scrubs: scrubs, in: await budget.freeSpace()) {
            return .later(reason: await sentence(shortage.verdict))
        }
        var isForced = force
        while true {
            let claim = try await context.site.claim(
                file.id, path: file.path, owner: context.owner, lease: context.configuration.lease, force: isForced, early: true)
            guard let claim else {
                return try await refused(file)
            }
            let end = await perform(file, claim)
            switch end {
            case .done(let result):
                try await context.sweep()
                return .done(result)
            case .failed(let verdict): return .failed(reason: await sentence(verdict))
            case .handedBack: return .later(reason: "It was stopped and returned to the queue.")
            case .lost: return .later(reason: "Another worker took it over, or it was changed or deleted in the meantime.")
            case .unreported(_, let why): return .later(reason: "The result could not be saved in the database: \(why)")
            case .retry(let verdict, _):
                if verdict.code == .diskFull || !verdict.code.countsAsTry {
                    return .later(reason: "\(await sentence(verdict)) It will be retried.")
                }
                // Somebody is waiting for it: the next attempt is now, unless a daemon is faster.
                isForced = false
                guard let now = try await context.site.file(id: file.id) else { return .later(reason: "It was deleted.") }
                file = now
            }
        }
    }

    /// As its row has it.
    private func sentence(_ verdict: Verdict) async -> String { verdict.sentence(in: await context.site.wording()) }

    private func perform(_ file: MediaFile, _ claim: Claim) async -> JobEnd {
        let job = context.begin(file, claim)
        // A stop before it began has found no job.
        if isStopped.load(ordering: .sequentiallyConsistent) { job.control.stop(.drained) }
        let threads = context.threads(jobs: 1, attempt: claim.attempt)
        let watch = Task { [context] in await context.watch(job) }
        defer { watch.cancel() }
        return await context.runner(board: board).run(file, job, threads: threads)
    }

    private func refused(_ file: MediaFile) async throws -> Outcome {
        let now = try await context.site.file(id: file.id)
        // Deleted, for example, or moved to another disk a moment ago.
        if let now, now.state == .waiting, let reason = try await context.site.refusal(of: now) { return .refused(reason: reason) }
        switch now?.state {
        case .done?: return .alreadyDone
        case .failed?: return .failed(reason: now?.reason ?? "It failed.")
        case nil: return .refused(reason: "File \(file.id) no longer exists.")
        case .running?, .waiting?, .unknown?: return .later(reason: "Another worker is transcoding it.")
        }
    }
}
