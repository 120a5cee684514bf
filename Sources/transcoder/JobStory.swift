internal import Foundation
internal import Jobs
internal import MediaWire
internal import Platform
internal import Site

/// Everything about one file's job: for `jobs --id`.
struct JobStory: Encodable {
    var fileId: Int64
    var fid: String
    var name: String
    var state: String
    var attempts = 0
    var losses = 0
    var code: String?
    var reason: String?
    /// The failed call, FFmpeg's last lines.
    var cause: String?
    var claimedAt: Date?
    var finishedAt: Date?
    var nextAt: Date?
    var holder: JobsDocument.Holder?
    /// Why it is not in the queue, although its row waits.
    var refusal: String?
    /// What a file that is running in the site's table and held by no transcoder is.
    var stray: String?
    var path: String
    var originalPath: String?
    var posterPath: String?

    init(_ file: MediaFile, _ job: JobRow?, refusal: String?) {
        (fileId, fid, name, path) = (file.id, file.fid, file.name, file.path)
        (originalPath, posterPath) = (file.originalPath, file.posterPath)
        reason = file.reason
        state = "\(file.state)"
        if file.state == .waiting { self.refusal = refusal }
        if file.state == .running, job?.state.isHeld != true {
            stray = "no transcoder: another program, or one that has ended; “transcoder retry --force \(file.id)” queues it again"
        }
        guard let job else { return }
        (attempts, losses, code, cause) = (job.attempts, job.losses, job.code, job.detail)
        reason = file.reason ?? job.reason
        (claimedAt, finishedAt, nextAt) = (job.claimedAt, job.finishedAt, job.nextAt)
        if job.isCancelled { state = ListedJob.State.cancelled.rawValue }
        if job.state.isHeld { holder = job.owner.map { JobsDocument.Holder(host: $0.host, pid: $0.pid, leasedUntil: job.leasedUntil) } }
    }

    /// - Parameter width: of the terminal; nil where nothing limits it.
    func text(width: Int?) -> String {
        func time(_ moment: Date?) -> String? { moment?.formatted(.iso8601) }
        let tries = attempts == 1 ? "1 attempt" : "\(attempts) attempts"
        let rows: [(String, String?)] = [
            ("file", "\(fileId)  \(fid)  \(name)"),
            ("state", "\(state), \(tries)" + (losses > 0 ? ", interrupted \(losses == 1 ? "once" : "\(losses) times")" : "")),
            ("never", refusal),
            ("held by", holder.map { "process \($0.pid) on \($0.host)" } ?? stray),
            ("started", time(claimedAt)), ("ended", time(finishedAt)), ("next", time(nextAt)),
            ("reason", code.map { "\($0): \(reason ?? "")" } ?? reason),
            ("cause", cause?.isEmpty == true ? nil : cause),
            ("plays", path), ("original", originalPath), ("poster", posterPath),
        ]
        return rows.compactMap { label, value in
            guard let value else { return nil }
            let gap = String(repeating: " ", count: 10 - label.count)
            let lines = value.split(separator: "\n").map { PlainText.line(String($0)) }
            return lines.enumerated().flatMap { index, line -> [String] in
                let whole = (index == 0 ? label + gap : "          ") + line
                return width.map { whole.wrapped(terminalWidth: $0, indent: 10) } ?? [whole]
            }.joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
