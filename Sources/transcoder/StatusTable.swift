internal import Foundation
internal import Worker

/// A status for people.
enum StatusTable {
    static func text(_ report: StatusReport, now: Date) -> String {
        let status = report.status
        let counts = status.counts
        var lines = report.instances.map { instance in
            let age = Quantity.clock(seconds: now.timeIntervalSince(instance.updatedAt))
            return instance.state == .stopped
                ? "stopped: process \(instance.pid) on \(instance.host), last heard of \(age) ago"
                : "\(instance.state.rawValue): process \(instance.pid) on \(instance.host) for "
                    + Quantity.clock(seconds: now.timeIntervalSince(instance.startedAt))
        }
        lines.append(
            "\(counts.waiting) waiting, \(counts.running) in work, \(counts.retrying) to be tried again; "
                + "\(counts.done) done and \(counts.failed) failed since the start")
        lines.append("database: \(status.database.kind), \(status.database.reachable ? "reachable" : "OUT OF REACH")")
        if let disk = status.disk { lines.append("disk: \(Quantity.people(bytes: disk.free)) free") }
        if let reason = status.waitingFor { lines.append(reason) }
        if !status.running.isEmpty {
            lines.append("")
            for job in status.running {
                let reading = ProgressBar.Reading(
                    label: "\(job.fileID) \(job.name)", phase: job.phase.rawValue, percent: job.percent,
                    speed: job.speed, left: job.secondsLeft.map { Quantity.clock(seconds: $0) })
                lines.append(ProgressBar.line(reading, width: 110) + (job.attempt > 1 ? "  try \(job.attempt)" : ""))
            }
        }
        if let retrying = status.retrying, !retrying.isEmpty {
            lines += ["", "to be tried again:"]
            lines += retrying.map { file in
                let wait = Quantity.clock(seconds: file.nextAt.timeIntervalSince(now))
                return "  \(file.fileID) \(file.name) in \(wait), try \(file.attempts + 1), after \(file.code): \(file.reason)"
            }
        }
        if !status.lastFailures.isEmpty {
            lines += ["", "last failures:"]
            lines += status.lastFailures.map { failure in
                "  \(failure.fileID) \(failure.code): \(failure.reason)" + (failure.willRetry ? " (will be tried again)" : "")
            }
        }
        return lines.joined(separator: "\n")
    }
}
