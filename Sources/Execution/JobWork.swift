internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaProcess
internal import MediaWire
internal import Objects
internal import Observability
internal import Platform
internal import Site
internal import WorkerConfiguration

/// The work on one claimed file, from its source to a result that has been looked at. Publishing it is in `JobPublication`.
struct JobWork {
    let runner: JobRunner
    let file: MediaFile
    let claim: Claim
    let threads: Int
    let control: JobControl
    /// Blocking calls of this job: files and the child's socket.
    let thread: BlockingThread
    let names: JobNames

    init(runner: JobRunner, file: MediaFile, claim: Claim, threads: Int, control: JobControl) throws(ThreadError) {
        thread = try BlockingThread()
        self.runner = runner
        self.file = file
        self.claim = claim
        self.threads = threads
        self.control = control
        names = JobNames(runner, claim: claim, control: control, thread: thread)
    }

    var site: Site { runner.site }
    var disk: LocalDisk { runner.disk }
    var isSound: Bool { file.type == .audio }

    /// Leaves nothing behind but the result, or what only a sweep may judge.
    func perform() async throws -> FileResult {
        do {
            return try await work()
        } catch let failure as SQLFailure {
            // Nobody knows what the database took: what the row may name stays. The names are recorded, and the sweep
            // removes the files when the row is known to play something else.
            throw failure
        } catch {
            await names.withdraw()
            throw error
        }
    }

    private func work() async throws -> FileResult {
        let (disk, claim) = (disk, claim)
        runner.board.begin(
            fileID: file.id, fid: file.fid, name: file.name, attempt: claim.attempt)
        let source = try await thread.run { try disk.openSource(claim.source) }
        JobStep.sourceOpened.pass()
        guard source.size > 0 else { throw Verdict(.empty, "The uploaded file is empty.") }
        // Once: whoever edits it meanwhile means the jobs to come.
        let profile = try await runner.profiles.profile(for: file.type, of: site)
        let reuse = Reuse(
            runner: runner, file: file, claim: claim, profile: profile, control: control, thread: thread, names: names)
        if let made = try await reuse.product(of: source) {
            let works = Works(
                output: made.output, poster: made.poster, original: try await scrub(source, profile), provenance: made.provenance)
            return try await publish(made.outcome, source, works)
        }

        let hidden = (output: try disk.workName(beside: claim.source), poster: try disk.workName(beside: claim.source))
        try await names.record(workNames: [hidden.output, hidden.poster])
        JobStep.workNamesRecorded.pass()
        let (output, poster) = try await thread.run {
            (try disk.makeWork(named: hidden.output), try disk.makeWork(named: hidden.poster))
        }
        JobStep.workFilesMade.pass()
        defer {
            output.discard()
            poster.discard()
        }
        let answer: MediaAnswer
        do {
            answer = try await transcode(source, profile, output, poster)
        } catch let verdict as Verdict where !verdict.isTransient {
            throw await isChanged(source) ? .sourceChanged : verdict
        }
        guard let outcome = answer.outcome else {
            throw Verdict(.protocolError, "The media program ended without a result.")
        }
        let original = outcome.isRewritten ? try await scrub(source, profile) : .kept
        defer { if case .scrubbed(let work) = original { work.discard() } }
        let provenance = outcome.isRewritten ? try await reuse.provenance(of: source) : nil
        let works = Works(output: output, poster: poster, original: original, provenance: provenance)
        return try await publish(outcome, source, works)
    }

    /// What is wrong with a file that was written to meanwhile is wrong with none that there is.
    private func isChanged(_ source: SourceObject) async -> Bool {
        let (disk, control) = (disk, control)
        let isSame = try? await thread.run { try disk.unchanged(source) { control.step() } != nil }
        return isSame == false
    }

    /// What was made, and has no name yet that anybody knows.
    struct Works {
        let output: WorkObject
        let poster: WorkObject?
        let original: Original
        let provenance: Provenance?
    }

    enum Original {
        case kept, hidden
        case scrubbed(WorkObject)
    }

    /// The source without its metadata, where that is wanted. A source that was scrubbed before is left as it is.
    private func scrub(_ source: SourceObject, _ profile: Profile) async throws -> Original {
        guard runner.configuration.originals == .scrub, claim.source == claim.path else { return .kept }
        let (disk, name) = (disk, try disk.workName(beside: claim.source))
        try await names.record(workNames: [name])
        let work = try await thread.run { try disk.makeWork(named: name) }
        let request = MediaRequest(task: .scrub, subject: .any, profile: profile, threads: 1)
        do {
            _ = try await perform(request, descriptors: [source.descriptor, work.descriptor])
            try await thread.run { try OutcomeCheck.checkScrubbed(work, source: source) }
            return .scrubbed(work)
        } catch let verdict as Verdict where !verdict.isTransient {
            runner.log.warning("\(source.path) keeps its metadata, and is not linked: \(verdict.reason)\(verdict.story)")
            return .hidden
        }
    }

    private func transcode(
        _ source: SourceObject, _ profile: Profile, _ output: WorkObject, _ poster: WorkObject
    ) async throws -> MediaAnswer {
        let request = MediaRequest(
            task: .transcode, subject: isSound ? .audio : .video, profile: profile, threads: threads,
            sourceExtension: SourceName.fileExtension(of: claim.source), wantsPoster: !isSound)
        let answer = try await perform(
            request, descriptors: [source.descriptor, output.descriptor, poster.descriptor])
        let check = OutcomeCheck(
            outcome: answer.outcome ?? MediaOutcome(), subject: request.subject, limits: profile.limits,
            sourceEnding: request.sourceExtension)
        try await thread.run { try check.check(output: output, poster: poster) }
        JobStep.outcomeChecked.pass()
        return answer
    }

    private func perform(_ request: MediaRequest, descriptors: [CInt]) async throws -> MediaAnswer {
        let child = try await runner.launcher.start()
        do {
            try control.adopt(child)
        } catch {
            runner.launcher.discard(child)
            throw error
        }
        JobStep.childStarted.pass()
        runner.board.add(children: 1)
        defer { runner.board.add(children: -1) }
        let (stall, control, board, fileID) = (runner.configuration.stall, control, runner.board, file.id)
        let (room, output) = (runner.room, descriptors.dropFirst().first)
        let answer = try await thread.run {
            try child.perform(request, descriptors: descriptors, stall: stall) {
                if let shortage = room.look(at: fileID, output: output) { control.stop(.noRoom(shortage)) }
            } onMessage: { message, hasGrown in
                if hasGrown { control.step() }
                switch message {
                case .probed: JobStep.probed.pass()
                case .planned: JobStep.planned.pass()
                case .progress(let progress):
                    board.progress(fileID: fileID, progress)
                    JobStep.progressed.pass()
                default: break
                }
                let shortage = room.hear(message, of: fileID, limits: request.profile.limits)
                if let shortage { control.stop(.noRoom(shortage)) }
            }
        }
        JobStep.childEnded.pass()
        try control.adopt(nil)
        control.spend(processorSeconds: answer.exit?.processorSeconds ?? 0)
        return answer
    }
}

extension Verdict {
    static var sourceChanged: Verdict { Verdict(.sourceChanged, "The uploaded file was changed while it was worked on.") }
}
