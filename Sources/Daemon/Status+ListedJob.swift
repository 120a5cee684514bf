internal import Observability
internal import Site

extension Status.Retry {
    /// Nil if there is no next attempt, or no reason for it.
    init?(_ job: ListedJob) {
        guard let next = job.nextAt, let code = job.code else { return nil }
        self.init(
            fileID: job.fileID, fid: job.fid, name: job.name, attempts: job.attempts, code: code,
            reason: job.reason ?? "", cause: job.cause, nextAt: next)
    }
}

extension Status.Failure {
    /// Nil if its row does not say why, or when.
    init?(_ job: ListedJob) {
        guard let code = job.code, let moment = job.finishedAt else { return nil }
        self.init(fileID: job.fileID, fid: job.fid, code: code, reason: job.reason ?? "", cause: job.cause, at: moment)
    }
}
