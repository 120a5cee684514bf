internal import FoundationEssentials
internal import Jobs
internal import Logging
internal import MediaWire
internal import Objects
internal import Observability
internal import Platform
internal import Site
internal import Verdicts

/// Publishes a result: hashes, names, the row. At every moment the row names a complete file.
extension JobWork {
    func publish(_ outcome: MediaOutcome, _ source: SourceObject, _ artifacts: Artifacts) async throws -> FileResult {
        runner.board.enter(.publishing, job.course)
        let (store, control) = (store, control)
        let wantsMD5 = site.schema.files.contains("md5")
        // The row gets what was read back from the disk, not what was meant to be written.
        let digests = try await thread.run {
            try Digests.read(
                descriptor: outcome.isRewritten ? artifacts.output.descriptor : source.descriptor, md5: wantsMD5,
                path: source.path
            ) { _ in control.step() }
        }
        Failpoint.outputHashed.hit()
        // The current owner and mode, not those at the start of the work.
        let now = try await thread.run { try store.unchanged(source) { control.step() } }
        guard let now else { throw await changed(source) }
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
        let hasPoster = outcome.posterWidth != nil && !isSound && artifacts[.poster] != nil
        var result = FileResult(
            newPath: outcome.isRewritten ? path.renamed(extension: outcome.fileExtension).text : nil,
            posterPath: hasPoster ? path.renamed(extension: "jpg").text : nil,
            mime: outcome.mime, extension: outcome.fileExtension, size: digests.size, sha256: digests.sha256,
            md5: digests.md5, width: isSound ? nil : outcome.width, height: isSound ? nil : outcome.height,
            duration: Int((Double(outcome.duration) / 1e6).rounded()), remarks: outcome.remarks)
        result.provenance = artifacts.provenance
        if artifacts[.original] != nil {
            result.original = .replaced(by: path.renamed(extension: source.path.pathExtension ?? "bin").text)
        } else if artifacts.hidesOriginal {
            result.original = .hidden
        }
        return result
    }

    /// Every file that the row is going to name gets its name, and is durable under it.
    private func give(_ artifacts: Artifacts, names result: FileResult, like source: SourceObject) async throws {
        let (store, control) = (store, control)
        let hasOwner = try await thread.run {
            control.step()
            var hasOwner = true
            for artifact in artifacts.list {
                // The row clears the record of all names: remove what is not published first.
                guard let path = result.path(of: artifact.role) else {
                    artifact.work.discard()
                    continue
                }
                let failpoints = artifact.role.failpoints
                let publication = try store.publish(artifact.work, as: path, mime: mime(of: artifact.role, result), like: source) { step in
                    switch step {
                    case .copying: break
                    case .durable: failpoints?.durable.hit()
                    case .named: failpoints?.named.hit()
                    case .published: failpoints?.published.hit()
                    }
                    // Flushing a disk, or an upload, takes time: keep the lease alive.
                    return control.step()
                }
                hasOwner = publication.hasOwner && hasOwner
            }
            return hasOwner
        }
        if !hasOwner {
            runner.log.notice("The result of \(source.path) belongs to this user: only root can give it to the owner of the upload.")
        }
    }

    private func mime(of role: Artifact.Role, _ result: FileResult) -> String {
        switch role {
        case .output: result.mime
        case .poster: "image/jpeg"
        case .original: file.mime ?? "application/octet-stream"
        }
    }

    /// True when the row is written. If the connection broke in the commit, the row itself is read: our names are
    /// random, so a row with them was written by us.
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
