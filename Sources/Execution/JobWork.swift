internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaProcess
internal import MediaWire
internal import Objects
internal import Observability
internal import Platform
internal import Site
internal import Verdicts
internal import WorkerConfiguration

/// The work on one claimed file, from its source to a verified result. `JobPublication` publishes it.
struct JobWork {
    let runner: JobRunner
    let file: MediaFile
    let job: RunningJob
    let threads: Int
    /// The thread for this job's blocking calls: files and the child's socket.
    let thread: BlockingThread
    let names: JobFileRecord
    let store: any ObjectStore

    init(runner: JobRunner, file: MediaFile, job: RunningJob, threads: Int) async throws {
        thread = try BlockingThread()
        store = try await runner.context.stores(job.claim.store)
        self.runner = runner
        self.file = file
        self.job = job
        self.threads = threads
        names = JobFileRecord(runner, store: store, claim: job.claim, control: job.control, thread: thread)
    }

    var claim: Claim { job.claim }
    var control: JobControl { job.control }
    var site: Site { runner.context.site }
    var isSound: Bool { file.type == .audio }

    /// Leaves nothing behind but the result, or what only a sweep may judge.
    func perform() async throws -> FileResult {
        do {
            return try await work()
        } catch let failure as SQLFailure {
            // Whether the database committed is unknown: files that the row may name stay. The names are recorded, and the sweep
            // removes the files once the row is known to play something else.
            throw failure
        } catch {
            await names.withdraw()
            throw error
        }
    }

    private func work() async throws -> FileResult {
        let (store, claim, control) = (store, claim, control)
        let source = try await runner.context.stores.openSource(claim.source, in: store, on: thread) { control.step() }
        Failpoint.sourceOpened.hit()
        guard source.size > 0 else { throw Verdict(.emptyFile) }
        // Read once: later edits apply to new jobs.
        let profile = try await runner.profiles.profile(for: file.type, of: site)
        let reuse = Reuse(
            runner: runner, store: store, file: file, claim: claim, profile: profile, control: control, thread: thread, names: names)
        let lookup = try await reuse.look(for: source)
        if let product = lookup.product {
            var artifacts = product.artifacts
            try await scrub(source, profile, into: &artifacts)
            return try await publish(product.outcome, source, artifacts)
        }

        let hidden = try WorkNames(beside: claim.source, in: store)
        try await names.record(workNames: hidden.all)
        Failpoint.workNamesRecorded.hit()
        let (output, poster) = try await thread.run {
            (try store.makeWork(named: hidden.output, for: claim.source), try store.makeWork(named: hidden.poster, for: claim.source))
        }
        Failpoint.workFilesMade.hit()
        var artifacts = Artifacts(output: output)
        artifacts.add(.poster, poster)
        defer { artifacts.discard() }
        let answer: MediaAnswer
        do {
            answer = try await transcode(source, profile, output, poster)
        } catch let verdict as Verdict where !verdict.isTransient {
            throw await isChanged(source) ? await changed(source) : verdict
        }
        guard var outcome = answer.outcome else {
            throw Verdict(.protocolViolation, detail: "It ended without a result.")
        }
        if source.isInForm, !outcome.isRewritten {
            // The film may stay as it is, but not where it is.
            let control = control
            try await thread.run { try output.fill(from: source) { control.step() } }
            outcome.isRewritten = true
        }
        if outcome.isRewritten {
            try await scrub(source, profile, into: &artifacts)
            artifacts.provenance = try await reuse.provenance(of: source, sha256: lookup.sha256)
        }
        return try await publish(outcome, source, artifacts)
    }

    /// A fault in a file that was modified meanwhile says nothing about the current one.
    private func isChanged(_ source: SourceObject) async -> Bool {
        let (store, control) = (store, control)
        let isSame = try? await thread.run { try store.unchanged(source) { control.step() } != nil }
        return isSame == false
    }

    /// The upload is another than what was read.
    func changed(_ source: SourceObject) async -> Verdict {
        await runner.context.stores.forgetCopy(of: source.path, in: store)
        return Verdict(.changed)
    }

    /// The source without its metadata, if configured. A source that was scrubbed before is kept.
    private func scrub(_ source: SourceObject, _ profile: Profile, into artifacts: inout Artifacts) async throws {
        guard runner.context.configuration.originals == .scrub, claim.source == claim.path else { return }
        let (store, path, name) = (store, claim.source, try store.workName(beside: claim.source))
        try await names.record(workNames: [name].compactMap(\.self))
        let work = try await thread.run { try store.makeWork(named: name, for: path) }
        let request = MediaRequest(task: .scrub, subject: .any, profile: profile, threads: 1)
        do {
            _ = try await perform(request, descriptors: [source.descriptor, work.descriptor])
            try await thread.run { try OutcomeCheck.checkScrubbed(work, source: source) }
            artifacts.add(.original, work)
        } catch let verdict as Verdict where !verdict.isTransient {
            runner.log.warning("\(source.path) keeps its metadata and is not linked: \(verdict.reason)\(verdict.story)")
            artifacts.hidesOriginal = true
        }
    }

    private func transcode(
        _ source: SourceObject, _ profile: Profile, _ output: WorkObject, _ poster: WorkObject
    ) async throws -> MediaAnswer {
        let request = MediaRequest(
            task: .transcode, subject: isSound ? .audio : .video, profile: profile, threads: threads,
            sourceExtension: claim.source.pathExtension, wantsPoster: !isSound)
        let answer = try await perform(
            request, descriptors: [source.descriptor, output.descriptor, poster.descriptor])
        let check = OutcomeCheck(
            outcome: answer.outcome ?? MediaOutcome(), subject: request.subject, limits: profile.limits,
            sourceEnding: request.sourceExtension)
        try await thread.run { try check.check(output: output, poster: poster) }
        Failpoint.outcomeChecked.hit()
        return answer
    }

    private func perform(_ request: MediaRequest, descriptors: [CInt]) async throws -> MediaAnswer {
        let child = try await runner.context.launcher.start()
        do {
            try control.adopt(child)
        } catch {
            runner.context.launcher.discard(child)
            throw error
        }
        Failpoint.childStarted.hit()
        runner.board.add(children: 1)
        defer { runner.board.add(children: -1) }
        let (stall, control, board, course, fileID) = (runner.context.configuration.stall, control, runner.board, job.course, file.id)
        let (budget, output) = (runner.context.budget, descriptors.dropFirst().first)
        let answer = try await thread.run {
            try child.perform(request, descriptors: descriptors, stall: stall) {
                if let shortage = budget.look(at: fileID, output: output) { control.stop(.noRoom(shortage)) }
            } onMessage: { message, hasGrown in
                if hasGrown { control.step() }
                switch message {
                case .probed: Failpoint.probed.hit()
                case .planned: Failpoint.planned.hit()
                case .progress(let progress):
                    board.progress(course, progress)
                    Failpoint.progressed.hit()
                default: break
                }
                let shortage = budget.hear(message, of: fileID, limits: request.profile.limits)
                if let shortage { control.stop(.noRoom(shortage)) }
            }
        }
        Failpoint.childEnded.hit()
        try control.adopt(nil)
        control.spend(processorSeconds: answer.exit?.processorSeconds ?? 0)
        return answer
    }
}
