internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaWire
internal import Objects
internal import Observability
internal import Platform
internal import Site

/// Publishing a result: hashes, names, the row. At every moment the row names a whole file.
extension JobWork {
    func publish(_ outcome: MediaOutcome, _ source: SourceObject, _ artifacts: Artifacts) async throws -> FileResult {
        runner.board.enter(fileID: file.id, .publishing)
        let (disk, control) = (disk, control)
        let wantsMD5 = site.schema.files.contains("md5")
        // What the row will say is what was read back from the disk, not what was meant to be written.
        let digests = try await thread.run {
            try Digests.read(
                descriptor: outcome.isRewritten ? artifacts[.output]?.descriptor ?? source.descriptor : source.descriptor, md5: wantsMD5,
                path: source.path
            ) { _ in control.step() }
        }
        Failpoint.outputHashed.hit()
        // Whose it is now, and what its mode is: not what they were when the work began.
        let now = try await thread.run { try disk.unchanged(source) { control.step() } }
        guard let now else { throw Verdict.sourceChanged }
        Failpoint.sourceCompared.hit()

        let result = try result(of: outcome, digests, source, artifacts)
        let replacement = result.path(of: .original)
        try await names.record(
            output: result.newPath, poster: result.posterPath, workNames: [replacement].compactMap(\.self))
        Failpoint.publicNamesRecorded.hit()
        try await give(artifacts, names: result, like: now)
        guard try await writeBack(result) else {
            control.stop(.lost)
            throw JobControl.Stop.lost.verdict
        }
        Failpoint.writtenBack.hit()
        if replacement != nil { await names.remove(original: source.path) }
        return result
    }

    private func result(
        of outcome: MediaOutcome, _ digests: Digests, _ source: SourceObject, _ artifacts: Artifacts
    ) throws -> FileResult {
        let path = try ObjectPath(source.path)
        let hasPoster = outcome.posterWidth != nil && !isSound
        var result = FileResult(
            newPath: outcome.isRewritten ? path.renamed(extension: outcome.fileExtension).text : nil,
            posterPath: hasPoster ? path.renamed(extension: "jpg").text : nil,
            mime: outcome.mime, extension: outcome.fileExtension, size: digests.size, sha256: digests.sha256,
            md5: digests.md5, width: isSound ? nil : outcome.width, height: isSound ? nil : outcome.height,
            duration: Int((Double(outcome.duration) / 1e6).rounded()), remark: outcome.remark)
        result.provenance = artifacts.provenance
        if artifacts[.original] != nil {
            result.original = .replaced(by: path.renamed(extension: SourceName.fileExtension(of: source.path) ?? "bin").text)
        } else if artifacts.hidesOriginal {
            result.original = .hidden
        }
        return result
    }

    /// Every file that the row is going to name gets its name, and is durable under it.
    private func give(_ artifacts: Artifacts, names result: FileResult, like source: SourceObject) async throws {
        let (disk, control) = (disk, control)
        let hasOwner = try await thread.run {
            control.step()
            var hasOwner = true
            for artifact in artifacts.list {
                // With the row the record forgets all of them: what is not published goes before.
                guard let path = result.path(of: artifact.role) else {
                    artifact.work.discard()
                    continue
                }
                let failpoints = artifact.role.failpoints
                let publication = try disk.publish(artifact.work, as: path, like: source) { step in
                    // A disk takes its time to make things durable: the lease goes on.
                    control.step()
                    switch step {
                    case .copying: break
                    case .durable: failpoints?.durable.hit()
                    case .named: failpoints?.named.hit()
                    case .published: failpoints?.published.hit()
                    }
                }
                hasOwner = publication.hasOwner && hasOwner
            }
            return hasOwner
        }
        if !hasOwner {
            runner.log.notice("The result of \(source.path) belongs to this user: only root can give it to the owner of the upload.")
        }
    }

    /// True when the row is written. Where the connection died in the commit, the row itself is asked: our names are
    /// random, so that a row which names them can have got them from us only.
    private func writeBack(_ result: FileResult) async throws -> Bool {
        let (site, claim) = (site, claim)
        return try await persist {
            if try await site.succeed(claim, result) { return true }
            guard let row = try await site.file(id: claim.fileID) else { return false }
            if let path = result.newPath { return row.path == path }
            if let poster = result.posterPath { return row.posterPath == poster }
            return row.state == .done && row.sha == result.sha256 && row.path == claim.source
        }
    }
}
