internal import WorkerConfiguration

extension Status {
    /// One line, for `systemctl status`. Files go by their numbers: their names are strangers' words.
    package var sentence: String {
        var parts = ["\(counts.waiting) waiting"]
        if counts.retrying > 0 { parts.append("\(counts.retrying) to be tried again") }
        let jobs = running.prefix(4).map { job in
            "file \(job.fileID) " + (job.percent.map { "(\(Quantity.whole($0, .towardZero)) %)" } ?? "(\(job.phase.rawValue))")
        }
        if running.isEmpty { return parts.joined(separator: ", ") + "; nothing in work here" }
        let more = running.count > jobs.count ? " and \(running.count - jobs.count) more" : ""
        return parts.joined(separator: ", ") + "; at work on " + jobs.joined(separator: ", ") + more
    }
}
