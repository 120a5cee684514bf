public import FoundationEssentials
internal import MediaWire
internal import Platform
internal import WorkerConfiguration

/// A status for people: lines that fit a terminal's width, and its height where only that much can be seen.
public struct StatusTable: Sendable {
    private struct Line {
        var text: String
        /// Of what follows where the text takes several lines.
        var indent = 0
        /// The first to be left out where there are too few rows.
        var isMinor = false
    }

    private let status: Status
    private let instances: [StatusReport.Instance]
    private let now: Date
    private let width: Int?

    /// - Parameter width: in columns; nil where nothing limits it.
    public init(_ report: StatusReport, now: Date, width: Int? = nil) {
        status = report.status
        instances = report.instances
        self.now = now
        self.width = width
    }

    public var text: String { blocks.map { $0.flatMap(fitted).joined(separator: "\n") }.joined(separator: "\n\n") }

    /// As much as so many rows take: first without empty lines and what matters less, then cut.
    public func lines(rows: Int) -> [String] {
        let all = Array(blocks.map { $0.flatMap(fitted) }.joined(separator: [""]))
        guard all.count > rows else { return all }
        let major = blocks.joined().filter { !$0.isMinor }.flatMap(fitted)
        guard major.count > rows else { return major }
        let shown = max(0, rows - 1)
        return Array(major.prefix(shown) + fitted(Line(text: "… \(major.count - shown) more lines")).prefix(1))
    }

    private func fitted(_ line: Line) -> [String] {
        width.map { line.text.wrapped(terminalWidth: $0, indent: line.indent) } ?? [line.text]
    }

    private var blocks: [[Line]] { [head, running, retrying, failures].filter { !$0.isEmpty } }

    private var head: [Line] {
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
        lines.append(line("total", "\(counts.done) done, \(counts.failed) failed since startup\(made)", isMinor: true))
        let (kind, isReachable) = (status.database.kind, status.database.reachable)
        lines.append(line("database", "\(kind), \(isReachable ? "reachable" : "UNREACHABLE")", isMinor: isReachable))
        for notice in status.database.notices ?? [] { lines.append(line("", notice)) }
        if let disk = status.disk {
            let promised = disk.required > 0 ? ", \(ByteSize.text(disk.required)) promised to running jobs" : ""
            lines.append(line("disk", "\(ByteSize.text(disk.free)) free\(promised)", isMinor: true))
        }
        for bucket in status.buckets ?? [] {
            lines.append(
                line(
                    bucket.files, "\(bucket.name); \(bucket.requests) requests, \(ByteSize.text(bucket.received)) read, \(ByteSize.text(bucket.sent)) written",
                    isMinor: true))
        }
        if let cache = status.cache {
            lines.append(line("cache", "\(ByteSize.text(cache.size)); \(cache.hits) hits, \(cache.misses) misses, \(cache.evictions) evicted", isMinor: true))
        }
        if let reason = status.waitingFor { lines.append(line("blocked", reason)) }
        for folder in status.away ?? [] { lines.append(line("missing", folder.sentence)) }
        for files in status.elsewhere ?? [] { lines.append(line("skipped", files.sentence, isMinor: true)) }
        return lines
    }

    private func line(_ title: String, _ text: String, isMinor: Bool = false) -> Line {
        Line(text: padded(title, 9) + " " + PlainText.line(text), indent: 10, isMinor: isMinor)
    }

    private var running: [Line] {
        let jobs = status.running
        guard !jobs.isEmpty else { return [] }
        let width = width ?? 110
        let ids = jobs.map { String($0.fileID) }
        let idWidth = ids.map(\.count).max() ?? 0
        let attempts = jobs.map { $0.attempt > 1 ? "  attempt \($0.attempt)" : "" }
        // Two spaces between columns; the width of phase, percentage, speed and time.
        let fixed = idWidth + 12 + 7 + 7 + 13 + 2 * 6 + (attempts.map(\.count).max() ?? 0)
        guard width - fixed >= 8 else { return zip(jobs, ids).flatMap { narrow($0, id: $1) } }
        // Without the bar where that leaves no name.
        let bar = width - fixed < 18 ? 0 : min(30, max(10, (width - fixed) / 2))
        let names = jobs.map { PlainText.line($0.name) }
        let nameWidth = min(names.map(\.terminalWidth).max() ?? 0, width - fixed - bar)
        return zip(zip(jobs, attempts), zip(ids, names)).map { work, labels in
            let (job, attempt) = work
            let percent = job.percent.map { min(100, max(0, $0)) }
            let full = Int(((percent ?? 0) / 100 * Double(bar)).rounded(.down))
            let columns = [
                right(labels.0, idWidth),
                padded(labels.1.fitting(terminalWidth: nameWidth), nameWidth),
                padded(job.phase.rawValue, 12),
                bar == 0
                    ? nil
                    : percent == nil
                        ? String(repeating: "?", count: bar) : String(repeating: "█", count: full) + String(repeating: "·", count: bar - full),
                right(Self.percent(job), 7), right(Self.speed(job), 7), right(Self.left(job), 13),
            ]
            return Line(text: columns.compactMap(\.self).joined(separator: "  ") + attempt)
        }
    }

    /// Two lines, where the columns have no room.
    private func narrow(_ job: Status.Job, id: String) -> [Line] {
        let facts = [Self.percent(job), Self.speed(job), Self.left(job), job.attempt > 1 ? "attempt \(job.attempt)" : nil]
        let name = PlainText.line(job.name).fitting(terminalWidth: max(8, (width ?? 110) - id.count - 2))
        return [
            Line(text: "\(id)  \(name)"),
            Line(text: "    " + ([job.phase.rawValue] + facts.compactMap(\.self)).joined(separator: "  "), indent: 4),
        ]
    }

    private static func percent(_ job: Status.Job) -> String? { job.percent.map { "\(Quantity.tenths(min(100, max(0, $0)))) %" } }

    private static func speed(_ job: Status.Job) -> String? {
        job.speed.map { $0 < 100 ? "\(Quantity.tenths($0))×" : "\(Quantity.whole(min($0, 99_999)))×" }
    }

    private static func left(_ job: Status.Job) -> String? { job.secondsLeft.map { "\(Quantity.clock(seconds: $0)) left" } }

    private var retrying: [Line] {
        guard let files = status.retrying, !files.isEmpty else { return [] }
        return [Line(text: "retrying:")] + files.flatMap { file in
            let wait = Quantity.clock(seconds: file.nextAt.timeIntervalSince(now))
            let story = "in \(wait), attempt \(file.attempts.addingSaturated(1)), after \(file.code): \(PlainText.line(file.reason))"
            return [Line(text: "  \(file.fileID)  \(PlainText.line(file.name)) \(story)", indent: 4)] + cause(file.cause, of: file.reason)
        }
    }

    private var failures: [Line] {
        guard !status.lastFailures.isEmpty else { return [] }
        let codeWidth = status.lastFailures.map(\.code.count).max() ?? 0
        let idWidth = status.lastFailures.map { String($0.fileID).count }.max() ?? 0
        // Below the reason, or, where that is too narrow, below the code.
        let column = 2 + idWidth + 2 + codeWidth + 2
        let indent = (width ?? 110) - column < 30 ? 4 : column
        return [Line(text: "last failures:")] + status.lastFailures.flatMap { failure in
            let age = Quantity.age(seconds: now.timeIntervalSince(failure.at))
            let head = "  \(right("\(failure.fileID)", idWidth))  \(padded(failure.code, codeWidth))"
            return [Line(text: "\(head)  \(PlainText.line(failure.reason)) (\(age) ago)", indent: indent)] + cause(failure.cause, of: failure.reason)
        }
    }

    /// Its first line: `jobs --id` has all.
    private func cause(_ text: String?, of reason: String) -> [Line] {
        guard let first = text?.split(separator: "\n").first.map({ PlainText.line(String($0)) }), first != reason else { return [] }
        return [Line(text: "      cause: \(first)", indent: 8, isMinor: true)]
    }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.terminalWidth)) }

    private func right(_ text: String?, _ width: Int) -> String {
        let text = text ?? ""
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
