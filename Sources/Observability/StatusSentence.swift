internal import WorkerConfiguration

extension Status {
    /// One line for `systemctl status`. Shows file IDs, not names: names come from strangers.
    package var sentence: String {
        var parts = ["\(counts.waiting) waiting"]
        if counts.retrying > 0 { parts.append("\(counts.retrying) retrying") }
        let jobs = running.prefix(4).map { job in
            "file \(job.fileID) " + (job.percent.map { "(\(Quantity.whole($0, .towardZero)) %)" } ?? "(\(job.phase.rawValue))")
        }
        if running.isEmpty { return parts.joined(separator: ", ") + "; idle" }
        let more = running.count > jobs.count ? " and \(running.count - jobs.count) more" : ""
        return parts.joined(separator: ", ") + "; running " + jobs.joined(separator: ", ") + more
    }
}
