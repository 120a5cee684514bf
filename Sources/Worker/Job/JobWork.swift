internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaWire
internal import Objects
internal import Site

/// The work on one claimed file, step by step. Each step that writes a name anywhere has recorded it first, so that
/// whatever a crash leaves is found.
struct JobWork {
    let runner: JobRunner
    let file: MediaFile
    let claim: Claim
    let threads: Int
    let control: JobControl
    /// Blocking calls of this job: files and the child's socket.
    private let thread = BlockingThread()

    init(runner: JobRunner, file: MediaFile, claim: Claim, threads: Int, control: JobControl) {
        self.runner = runner
        self.file = file
        self.claim = claim
        self.threads = threads
        self.control = control
    }

    private var site: Site { runner.site }
    private var disk: LocalDisk { runner.disk }
    private var isSound: Bool { file.type == .audio }

    func perform() async throws -> FileResult {
        let (disk, claim) = (disk, claim)
        runner.board.begin(
            fileID: file.id, fid: file.fid, name: file.name, attempt: claim.attempt, sourceSize: file.size ?? 0)
        let source = try await thread.run { try disk.openSource(claim.source) }
        guard source.size > 0 else { throw Verdict(.empty, "The uploaded file is empty.") }

        let names = (output: try disk.workName(beside: claim.source), poster: try disk.workName(beside: claim.source))
        try await record(workNames: [names.output, names.poster])
        let (output, poster) = try await thread.run {
            (try disk.makeWork(named: names.output), try disk.makeWork(named: names.poster))
        }
        defer {
            output.discard()
            poster.discard()
        }
        let answer = try await transcode(source, output, poster)
        guard let outcome = answer.outcome else {
            throw Verdict(.protocolError, "The media program ended without a result.")
        }
        let original = outcome.isRewritten ? try await scrub(source) : .kept
        defer { if case .scrubbed(let work) = original { work.discard() } }
        return try await publish(outcome, source, output, poster, original)
    }

    private enum Original {
        case kept, hidden
        case scrubbed(WorkObject)
    }

    /// The source without its metadata, where that is wanted. A source that was scrubbed before is left as it is.
    private func scrub(_ source: SourceObject) async throws -> Original {
        guard runner.configuration.originals == .scrub, claim.source == claim.path else { return .kept }
        let (disk, name) = (disk, try disk.workName(beside: claim.source))
        try await record(workNames: [name])
        let work = try await thread.run { try disk.makeWork(named: name) }
        let profile = try await runner.profiles.profile(for: file.type, of: site)
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

    private func transcode(_ source: SourceObject, _ output: WorkObject, _ poster: WorkObject) async throws -> MediaAnswer {
        let profile = try await runner.profiles.profile(for: file.type, of: site)
        let request = MediaRequest(
            task: .transcode, subject: isSound ? .audio : .video, profile: profile, threads: threads,
            sourceExtension: SourceName.fileExtension(of: claim.source), wantsPoster: !isSound)
        let answer = try await perform(
            request, descriptors: [source.descriptor, output.descriptor, poster.descriptor])
        let check = OutcomeCheck(
            outcome: answer.outcome ?? MediaOutcome(), subject: request.subject, limits: profile.limits)
        try await thread.run { try check.check(output: output, poster: poster) }
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
        let (stall, control, board, fileID) = (runner.configuration.stall, control, runner.board, file.id)
        let answer = try await thread.run {
            try child.perform(request, descriptors: descriptors, stall: stall) { message, hasGrown in
                if hasGrown { control.step() }
                if case .progress(let progress) = message { board.progress(fileID: fileID, progress) }
            }
        }
        try control.adopt(nil)
        control.spend(processorSeconds: answer.exit?.processorSeconds ?? 0)
        return answer
    }

    private func publish(
        _ outcome: MediaOutcome, _ source: SourceObject, _ output: WorkObject, _ poster: WorkObject,
        _ original: Original
    ) async throws -> FileResult {
        runner.board.enter(fileID: file.id, .publishing)
        let (disk, control) = (disk, control)
        let wantsMD5 = site.schema.files.contains("md5")
        // What the row will say is what was read back from the disk, not what was meant to be written.
        let digests = try await thread.run {
            try Digests.read(
                descriptor: outcome.isRewritten ? output.descriptor : source.descriptor, md5: wantsMD5, path: source.path
            ) { _ in control.step() }
        }
        let sourcePath = try ObjectPath(source.path)
        let newPath = outcome.isRewritten ? sourcePath.renamed(extension: outcome.fileExtension).text : nil
        let hasPoster = outcome.posterWidth != nil && !isSound
        let posterPath = hasPoster ? sourcePath.renamed(extension: "jpg").text : nil

        guard try await thread.run({ try disk.isUnchanged(source) }) else {
            throw Verdict(.sourceChanged, "The uploaded file was changed while it was worked on.")
        }
        try await record(output: newPath, poster: posterPath)
        var result = FileResult(
            newPath: newPath, posterPath: posterPath, mime: outcome.mime, extension: outcome.fileExtension,
            size: digests.size, sha256: digests.sha256, md5: digests.md5, width: isSound ? nil : outcome.width,
            height: isSound ? nil : outcome.height, duration: Int((Double(outcome.duration) / 1e6).rounded()),
            remark: outcome.remark)
        var originalPath: String?
        switch original {
        case .kept: break
        case .hidden: result.original = .hidden
        case .scrubbed:
            let path = sourcePath.renamed(extension: SourceName.fileExtension(of: source.path) ?? "bin").text
            try await record(workNames: [path])
            originalPath = path
            result.original = .replaced(by: path)
        }
        let scrubbed = originalPath
        do {
            let hasOwner = try await thread.run {
                var hasOwner = true
                if let newPath { hasOwner = try disk.publish(output, as: newPath, like: source).hasOwner }
                if case .scrubbed(let work) = original, let scrubbed {
                    hasOwner = try disk.publish(work, as: scrubbed, like: source).hasOwner && hasOwner
                }
                if let posterPath { hasOwner = try disk.publish(poster, as: posterPath, like: source).hasOwner && hasOwner }
                return hasOwner
            }
            if !hasOwner {
                runner.log.notice("What was made of \(source.path) belongs to us: its owner may be set by root only.")
            }
            let told = result
            guard try await writeBack(told) else {
                control.stop(.lost)
                throw JobControl.Stop.lost.verdict
            }
        } catch let failure as SQLFailure {
            // Nobody knows whether the row was written: what it may name stays. Its names are recorded, and the sweep
            // removes them when the row is known to play something else.
            throw failure
        } catch {
            await withdraw([newPath, posterPath, scrubbed].compactMap(\.self))
            throw error
        }
        if scrubbed != nil { await withdraw([source.path]) }
        return result
    }

    /// True when the row is written. Where the connection died in the commit, the row itself is asked.
    private func writeBack(_ result: FileResult) async throws -> Bool {
        let (site, claim) = (site, claim)
        return try await persist {
            if try await site.succeed(claim, result) { return true }
            guard let row = try await site.file(id: claim.fileID) else { return false }
            return row.state == .done && row.sha == result.sha256 && row.path == result.newPath ?? claim.source
                && (result.posterPath == nil || row.posterPath == result.posterPath)
        }
    }

    /// Throws where the claim is somebody else's by now.
    private func record(output: String? = nil, poster: String? = nil, workNames: [String] = []) async throws {
        let (site, claim) = (site, claim)
        let isOurs = try await persist {
            try await site.willPublish(claim, output: output, poster: poster, workNames: workNames)
        }
        guard isOurs else {
            control.stop(.lost)
            throw JobControl.Stop.lost.verdict
        }
    }

    private func withdraw(_ paths: [String]) async {
        let disk = disk
        for path in paths {
            do {
                _ = try await thread.run { try disk.remove(path) }
            } catch {
                runner.log.error("\(path) should be removed and cannot be: \(error)")
            }
        }
    }
}
