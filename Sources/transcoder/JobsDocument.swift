internal import Foundation
internal import Jobs
internal import Site

/// The output of `jobs --json`.
struct JobsDocument: Encodable {
    struct Job: Encodable {
        var fileId: Int64
        var fid: String
        var name: String
        var type: String
        var state: String
        var attempts: Int
        var losses: Int
        var code: String?
        var reason: String?
        var cause: String?
        var nextAt: Date?
        var holder: Holder?
        /// Seconds.
        var age: Double?
    }

    struct Holder: Encodable {
        var host: String
        var pid: Int32
        var leasedUntil: Date?
    }

    var jobs: [Job]
    /// That the limit left out.
    var more: Int

    init(_ jobs: [ListedJob], more: Int) {
        self.more = more
        self.jobs = jobs.map { job in
            Job(
                fileId: job.fileID, fid: job.fid, name: job.name, type: job.type == .audio ? "audio" : "video",
                state: job.state.rawValue, attempts: job.attempts, losses: job.losses, code: job.code, reason: job.reason, cause: job.cause.flatMap { $0.isEmpty ? nil : $0 },
                nextAt: job.nextAt,
                holder: job.holder.map { Holder(host: $0.host, pid: $0.pid, leasedUntil: job.leasedUntil) }, age: job.age)
        }
    }
}
