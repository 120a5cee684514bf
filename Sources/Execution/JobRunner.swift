internal import FoundationEssentials
internal import Jobs
package import Logging
internal import MediaProcess
internal import MediaWire
internal import Objects
package import Observability
internal import Platform
package import Site
internal import SQL
internal import Verdicts
internal import WorkerConfiguration

/// Runs one job, from the claim to the written row. A value shared by all jobs of a process.
public struct JobRunner: Sendable {
    package let context: WorkerContext
    package let board: StatusBoard
    package private(set) var profiles: ProfileChoice
    /// Names the job in every line.
    package private(set) var log: Logger

    init(_ context: WorkerContext, board: StatusBoard) {
        self.context = context
        self.board = board
        log = context.log
        profiles = ProfileChoice(configuration: context.configuration, log: log)
    }

    /// Transcodes the claimed file, records the outcome, and ends the job. Never leaves a work file or a child behind.
    ///
    /// - Parameters:
    ///   - job: begun by `WorkerContext.begin`.
    ///   - threads: for each of the codecs.
    package func run(_ file: MediaFile, _ job: RunningJob, threads: Int) async -> JobEnd {
        defer { context.jobs.end(job) }
        return await telling(of: file, job.claim).perform(file, job, threads: threads)
    }

    /// Every log line names the job.
    private func telling(of file: MediaFile, _ claim: Claim) -> JobRunner {
        var runner = self
        for (name, value) in LogFields.job(file, claim) { runner.log[metadataKey: name] = value }
        runner.profiles = ProfileChoice(configuration: context.configuration, log: runner.log)
        return runner
    }

    private func perform(_ file: MediaFile, _ job: RunningJob, threads: Int) async -> JobEnd {
        let (claim, control) = (job.claim, job.control)
        board.begin()
        let keeper = LeaseRenewer(site: context.site, claim: claim, lease: context.configuration.lease, log: log)
        let renewal = Task { await keeper.keep(control) }
        let end = await settle(claim, control) {
            try await JobWork(runner: self, file: file, job: job, threads: threads).perform()
        }
        renewal.cancel()
        await renewal.value
        if case .failed = end { Failpoint.failed.hit() }
        if case .retry = end {} else { context.hostFaults.clear(file.id) }
        switch end {
        case .done, .failed: await context.cache.invalidate(file.id, command: context.configuration.cacheCommand)
        case .retry, .handedBack, .lost, .unreported: break
        }
        Failpoint.ended.hit()
        tell(end, of: file, job)
        return end
    }

    private func settle(_ claim: Claim, _ control: JobControl, _ work: () async throws -> FileResult) async -> JobEnd {
        do {
            return .done(try await work())
        } catch let error as SQLFailure {
            return .unreported(Verdict(endedBy: error), why: error.description)
        } catch {
            // Whoever stopped it says why it ended.
            if case ObjectError.cancelled = error, let stop = control.isStoppedFor { return await settle(stop.verdict, claim, control) }
            return await settle(Verdict(endedBy: error), claim, control, away: (error as? ObjectError).flatMap(absence))
        }
    }

    /// The missing folder; logged when first seen.
    private func absence(_ error: ObjectError) -> String? {
        guard case .unavailable(let folder, _) = error else { return nil }
        if context.away.add(folder) { log.warning("\(error) Its files keep waiting.") }
        return folder
    }

    private func settle(_ verdict: Verdict, _ claim: Claim, _ control: JobControl, away folder: String? = nil) async -> JobEnd {
        do {
            switch control.isStoppedFor {
            case .lost: return .lost
            case .drained where verdict.code == .drained:
                return try await persist { try await context.site.handBack(claim) } ? .handedBack : .lost
            case .drained, .noRoom, nil: break
            }
            if verdict.code == .sourceMissing, let warning = context.missing.add(claim.fileID, in: claim.store.isBucket ? "the bucket of the site's \(claim.store.rawValue)" : context.disk.folder(of: claim.source)) {
                log.warning("\(warning)")
            }
            // Costly failures are not retried at the same pace forever.
            let isCostly = [.hostFault, .outOfMemory].contains(verdict.code) && control.hadChild
            let decision = context.configuration.retry.next(
                after: verdict, attempt: isCostly ? max(claim.attempt, context.hostFaults.add(claim.fileID)) : claim.attempt,
                random: Double.random(in: 0..<1), isSecondLook: claim.isSecondLook)
            switch decision {
            case .giveUp:
                return try await persist { try await context.site.fail(claim, verdict, retryAfter: nil) } ? .failed(verdict) : .lost
            case .retry(let usual):
                // As long as it has been missing already: there may be thousands of files. When it is back, they are due at once.
                let age = folder.flatMap { context.away.age(of: $0) } ?? .zero
                let wait = max(usual, min(age * Double.random(in: 0.8..<1.2), context.configuration.retry.cap))
                let moment = Date(timeIntervalSinceNow: wait / .seconds(1))
                return try await persist { try await context.site.fail(claim, verdict, retryAfter: wait) }
                    ? .retry(verdict, at: moment) : .lost
            }
        } catch {
            return .unreported(verdict, why: "\(error)")
        }
    }

    /// Logs everything about the job, and updates the status board. A failed write of a state matters most.
    private func tell(_ end: JobEnd, of file: MediaFile, _ job: RunningJob) {
        let (name, course, control) = (file.label, job.course, job.control)
        var fields = LogFields(outcome: .done)
        fields.set("processor_seconds", control.processorSeconds)
        fields.set("bytes_in", file.size)
        switch end {
        case .done(let result):
            fields.set(board.succeed(
                course, mediaSeconds: Double(result.duration), bytesIn: file.size ?? 0, bytesOut: result.size,
                processorSeconds: control.processorSeconds))
            fields.set(result)
            log.info(
                "\(name) is done: \(result.newPath ?? "no conversion was needed")\(result.remarks.text(in: .english).map { " — \($0)" } ?? "")",
                metadata: fields.metadata)
        case .failed(let verdict):
            fields.set(.failed, verdict)
            fields.set(board.fail(course, verdict, willRetry: false))
            log.warning("\(name) failed, \(verdict.code.rawValue): \(verdict.reason)\(verdict.story)", metadata: fields.metadata)
        case .retry(let verdict, let moment):
            fields.set(.retried, verdict)
            fields.set(board.fail(course, verdict, willRetry: true))
            let when = moment.formatted(.iso8601)
            log.warning(
                "\(name), attempt \(job.claim.attempt) failed, \(verdict.code.rawValue): \(verdict.reason) Next attempt at \(when).\(verdict.story)",
                metadata: fields.metadata)
        case .handedBack:
            fields.set(.handedBack)
            fields.set(board.end(course, as: .handedBack))
            log.info("\(name) returned to the queue: the worker is stopping.", metadata: fields.metadata)
        case .lost:
            fields.set(.lost)
            fields.set(board.end(course, as: .lost))
            log.notice(
                "\(name) was taken over, changed or deleted in the meantime: its result is discarded.", metadata: fields.metadata)
        case .unreported(let verdict, let why):
            fields.set(.unreported, verdict)
            fields.set(board.end(course, as: .unreported))
            log.error(
                "\(name): its outcome (\(verdict.code.rawValue)) could not be saved in the database: \(why)", metadata: fields.metadata)
        }
    }
}

extension Verdict {
    /// The detail for the log. Indented, so that no line of a child's can pass for one of ours.
    var story: String { detail.split(separator: "\n").map { "\n    \($0)" }.joined() }
}
