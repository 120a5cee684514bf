internal import Observability
internal import Site

extension Status.Retry {
    /// Nil if there is no next attempt, or no reason for it.
    init?(_ job: ListedJob) {
        guard let next = job.nextAt, let code = job.code else { return nil }
        self.init(
            fileID: job.fileID, fid: job.fid, name: job.name, attempts: job.attempts, code: code,
            reason: job.reason ?? "", nextAt: next)
    }
}
