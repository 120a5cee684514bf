internal import Jobs
internal import Logging
internal import MediaProcess
internal import MediaWire
internal import Objects
internal import Platform
internal import Site
internal import WorkerConfiguration
internal import Verdicts

/// Reuses the existing result of an identical source.
struct Reuse {
    let runner: JobRunner
    let store: any ObjectStore
    let file: MediaFile
    let claim: Claim
    let profile: Profile
    let control: JobControl
    let thread: BlockingThread
    let names: JobFileRecord

    /// The result that a media child would have produced, under work names of this job.
    struct Product {
        let outcome: MediaOutcome
        let artifacts: Artifacts
    }

    /// Files with the same source size are usually identical; each one must be read.
    private static let candidates = 8

    /// - Returns: no product if nothing matches: then the file is transcoded normally. The hash of the source if it was read.
    func look(for source: SourceObject) async throws -> (product: Product?, sha256: String?) {
        // A forced run must transcode again.
        guard runner.context.configuration.reuse != .off, claim.source == claim.path else { return (nil, nil) }
        let fingerprint = try fingerprint()
        let duplicates = try await runner.context.site.duplicates(
            of: claim.fileID, in: claim.store, sourceSize: source.size, fingerprint: fingerprint, limit: Self.candidates)
        guard !duplicates.isEmpty else { return (nil, nil) }
        let sha256 = try await digest(source.descriptor, source.path).sha256
        for duplicate in duplicates where duplicate.provenance.sourceSHA256 == sha256 {
            let hidden = try WorkNames(beside: claim.source, in: store)
            try await names.record(workNames: hidden.all)
            do {
                guard let product = try await take(duplicate, for: source, hidden) else { continue }
                Failpoint.duplicateTaken.hit()
                runner.log.info("File \(file.id) is identical to file \(duplicate.file.id): its result is reused.")
                return (product, sha256)
            } catch let error as ObjectError {
                runner.log.notice("The result of file \(duplicate.file.id) cannot be reused for file \(file.id): \(error)")
            }
        }
        return (nil, sha256)
    }

    /// The key to find the source's result again; nil if reuse is off.
    /// - Parameter known: the source's hash, if it was already computed.
    func provenance(of source: SourceObject, sha256 known: String?) async throws -> Provenance? {
        guard runner.context.configuration.reuse != .off else { return nil }
        let sha256 = if let known { known } else { try await digest(source.descriptor, source.path).sha256 }
        return Provenance(
            sourceSHA256: sha256, sourceSize: source.size,
            fingerprint: try fingerprint())
    }

    /// Everything that determines the result of a source.
    private func fingerprint() throws -> String {
        let isSound = file.type == .audio
        let ending = claim.source.pathExtension
        let request = MediaRequest(
            task: .transcode, subject: isSound ? .audio : .video, profile: profile, threads: 1,
            // With any other extension the file is rewritten, whichever it is.
            sourceExtension: ending.flatMap { OutcomeCheck.keptEndings.contains($0) ? $0 : nil }, wantsPoster: !isSound)
        return Digests.sha256(of: Array(Version.current.utf8) + [0] + (try WireCoder.encode(request)))
    }

    private func take(
        _ duplicate: FinishedDuplicate, for source: SourceObject, _ hidden: WorkNames
    ) async throws -> Product? {
        let other = duplicate.file
        guard let mime = other.mime, let seconds = other.duration, let duration = Self.microseconds(seconds), let sha256 = other.sha, other.shaType == "sha256",
            file.type == .audio || duplicate.posterPath != nil
        else { return nil }
        let output = try await work(hidden.output, of: other.path, for: source)
        let digests = try await digest(output.descriptor, other.path)
        guard digests.sha256 == sha256, digests.size == other.size else { return nil }

        var outcome = MediaOutcome()
        outcome.fileExtension = other.extension
        outcome.mime = mime
        outcome.width = other.width.map(Int.init)
        outcome.height = other.height.map(Int.init)
        outcome.duration = duration
        outcome.remarks = other.reason.map { [.earlier($0)] } ?? []
        var artifacts = Artifacts(output: output)
        artifacts.provenance = duplicate.provenance
        if file.type != .audio, let path = duplicate.posterPath {
            let work = try await work(hidden.poster, of: path, for: source)
            let size = await thread.run { PosterCheck.jpegSize(descriptor: work.descriptor) }
            guard let size else { return nil }
            (outcome.posterWidth, outcome.posterHeight) = size
            artifacts.add(.poster, work)
        }
        return Product(outcome: outcome, artifacts: artifacts)
    }

    /// Nil for an impossible duration: a row may hold any number.
    private static func microseconds(_ seconds: some BinaryInteger) -> Int? {
        Int(exactly: seconds).flatMap { (0...1_000_000_000).contains($0) ? $0 * 1_000_000 : nil }
    }

    private func work(_ name: String?, of path: String, for source: SourceObject) async throws -> WorkObject {
        let (store, control, mayLink) = (store, control, runner.context.configuration.reuse == .link)
        return try await thread.run {
            try store.duplicate(path, named: name, like: source, mayLink: mayLink) { control.step() }
        }
    }

    private func digest(_ descriptor: CInt, _ path: String) async throws -> Digests {
        let control = control
        let digests = try await thread.run {
            try Digests.read(descriptor: descriptor, md5: false, path: path) { _ in control.step() }
        }
        // No child was there to be stopped meanwhile.
        try control.adopt(nil)
        return digests
    }
}
