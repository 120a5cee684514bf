public import FoundationEssentials
internal import MediaWire
internal import Platform
internal import WorkerConfiguration

/// A status for people: columns that fit a terminal's width.
public struct StatusTable: Sendable {
    private let status: Status
    private let instances: [StatusReport.Instance]
    private let now: Date
    private let width: Int

    public init(_ report: StatusReport, now: Date, width: Int = 110) {
        status = report.status
        instances = report.instances
        self.now = now
        self.width = max(60, width)
    }

    public var text: String {
        let parts = [head, running, retrying, failures].filter { !$0.isEmpty }
        return parts.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var head: [String] {
        var lines = instances.map { instance in
            let age = Quantity.clock(seconds: now.timeIntervalSince(instance.updatedAt))
            let process = "process \(instance.pid) on \(instance.host)"
            let story =
                switch instance.state {
                case .stopped: ", last update \(age) ago"
                case .died: " is gone without having been stopped; last update \(age) ago"
                case .silent: " has written nothing for \(age)"
                case .starting, .running, .draining: ", up " + Quantity.clock(seconds: now.timeIntervalSince(instance.startedAt))
                }
            return line(instance.state.rawValue, process + story)
        }
        let counts = status.counts
        let oldest = status.waitingSince.map { ", oldest \(Quantity.clock(seconds: now.timeIntervalSince($0)))" } ?? ""
        lines.append(line("queue", "\(counts.waiting) waiting\(oldest); \(counts.running) running, \(counts.retrying) retrying"))
        let totals = status.totals
        var made = ""
        if totals.bytesIn > 0 {
            let change = 100 * (Double(totals.bytesOut) / Double(totals.bytesIn) - 1)
            made = "; \(Quantity.clock(seconds: totals.mediaSeconds)) of media, \(ByteSize.text(totals.bytesIn)) → "
                + "\(ByteSize.text(totals.bytesOut)) (\(change < 0 ? "−" : "+")\(Quantity.whole(abs(change))) %)"
        }
        lines.append(line("total", "\(counts.done) done, \(counts.failed) failed since startup\(made)"))
        lines.append(line("database", "\(status.database.kind), \(status.database.reachable ? "reachable" : "UNREACHABLE")"))
        for notice in status.database.notices ?? [] { lines.append(line("", notice)) }
        if let disk = status.disk {
            let promised = disk.required > 0 ? ", \(ByteSize.text(disk.required)) promised to running jobs" : ""
            lines.append(line("disk", "\(ByteSize.text(disk.free)) free\(promised)"))
        }
        if let reason = status.waitingFor { lines.append(line("blocked", reason)) }
        for folder in status.away ?? [] { lines.append(line("missing", folder.sentence)) }
        for files in status.elsewhere ?? [] { lines.append(line("skipped", files.sentence)) }
        return lines
    }

    private func line(_ title: String, _ text: String) -> String { padded(title, 9) + " " + text }

    private var running: [String] {
        let jobs = status.running
        guard !jobs.isEmpty else { return [] }
        let ids = jobs.map { String($0.fileID) }
        let idWidth = ids.map(\.count).max() ?? 0
        let attempts = jobs.map { $0.attempt > 1 ? "  attempt \($0.attempt)" : "" }
        // Two spaces between columns; the width of phase, percentage, speed and time.
        let fixed = idWidth + 12 + 7 + 7 + 13 + 2 * 6 + (attempts.map(\.count).max() ?? 0)
        // Without the bar where that leaves no name.
        let bar = width - fixed < 18 ? 0 : min(30, max(10, (width - fixed) / 2))
        let names = jobs.map { PlainText.line($0.name) }
        let nameWidth = min(names.map(\.terminalWidth).max() ?? 0, max(8, width - fixed - bar))
        return zip(zip(jobs, attempts), zip(ids, names)).map { work, labels in
            let (job, attempt) = work
            let percent = job.percent.map { min(100, max(0, $0)) }
            let full = Int(((percent ?? 0) / 100 * Double(bar)).rounded(.down))
            let columns = [
                String(repeating: " ", count: idWidth - labels.0.count) + labels.0,
                padded(labels.1.fitting(terminalWidth: nameWidth), nameWidth),
                padded(job.phase.rawValue, 12),
                bar == 0
                    ? nil
                    : percent == nil
                        ? String(repeating: "?", count: bar) : String(repeating: "█", count: full) + String(repeating: "·", count: bar - full),
                right(percent.map { "\(Quantity.tenths($0)) %" }, 7), right(job.speed.map { $0 < 100 ? "\(Quantity.tenths($0))×" : "\(Quantity.whole(min($0, 99_999)))×" }, 7),
                right(job.secondsLeft.map { "\(Quantity.clock(seconds: $0)) left" }, 13),
            ]
            return columns.compactMap(\.self).joined(separator: "  ") + attempt
        }
    }

    private var retrying: [String] {
        guard let files = status.retrying, !files.isEmpty else { return [] }
        return ["retrying:"] + files.map { file in
            let wait = Quantity.clock(seconds: file.nextAt.timeIntervalSince(now))
            return "  \(file.fileID)  \(PlainText.line(file.name)) in \(wait), attempt \(file.attempts.addingSaturated(1)), after \(file.code): \(file.reason)"
        }
    }

    private var failures: [String] {
        guard !status.lastFailures.isEmpty else { return [] }
        let codeWidth = status.lastFailures.map(\.code.count).max() ?? 0
        let idWidth = status.lastFailures.map { String($0.fileID).count }.max() ?? 0
        return ["last failures:"] + status.lastFailures.map { failure in
            "  \(right("\(failure.fileID)", idWidth))  \(padded(failure.code, codeWidth))  \(failure.reason)"
                + (failure.willRetry ? " (will retry)" : "")
        }
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.terminalWidth)) }

    private func right(_ text: String?, _ width: Int) -> String {
        let text = text ?? ""
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

}
