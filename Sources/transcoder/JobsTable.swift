internal import Foundation
internal import Jobs
internal import MediaWire
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Jobs for people, in columns.
struct JobsTable {
    let jobs: [ListedJob]
    let now: Date
    /// Of the terminal; nil where nothing limits it.
    let width: Int?

    /// Below this many columns what is remarked about a job goes below it.
    private static let leastRemark = 24

    var text: String {
        let rows = [["id", "state", "attempts", "age", "name"]] + jobs.map(row)
        let remarks = [""] + jobs.map(remark)
        let widths = rows[0].indices.map { column in rows.map { $0[column].terminalWidth }.max() ?? 0 }
        let start = widths.reduce(0) { $0 + $1 + 2 }
        return zip(rows, remarks).flatMap { row, remark -> [String] in
            let cells = row.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].terminalWidth)
                // Right-align numbers.
                return [0, 2, 3].contains(column) ? gap + row[column] : row[column] + gap
            }
            let line = cells.joined(separator: "  ")
            guard let width else { return [Self.trimmed("\(line)  \(remark)")] }
            if width - start >= Self.leastRemark { return "\(line)  \(remark)".wrapped(terminalWidth: width, indent: start).map(Self.trimmed) }
            // The name in a line of its own where it has no room beside the others.
            let head = start - 2 <= width ? [line] : [cells.dropLast().joined(separator: "  "), "    " + row[4]]
            return (head + (remark.isEmpty ? [] : ["    " + remark])).flatMap { $0.wrapped(terminalWidth: width, indent: 4) }.map(Self.trimmed)
        }.joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> String {
        String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
    }

    private func row(_ job: ListedJob) -> [String] {
        // Names take one line each, whatever they contain.
        [
            "\(job.fileID)", job.state.rawValue, "\(job.attempts)", job.age.map { Quantity.clock(seconds: $0) } ?? "",
            PlainText.line(job.name).fitting(terminalWidth: min(32, max(8, (width ?? 110) - 4))),
        ]
    }

    private func remark(_ job: ListedJob) -> String {
        var parts: [String] = []
        if let holder = job.holder { parts.append("process \(holder.pid) on \(holder.host)") }
        if let next = job.nextAt {
            parts.append("next attempt in \(Quantity.clock(seconds: next.timeIntervalSince(now)))")
        }
        if let code = job.code { parts.append("\(code): \(job.reason ?? "")") }
        if job.losses > 0 { parts.append("interrupted \(job.losses == 1 ? "once" : "\(job.losses) times")") }
        return PlainText.line(parts.joined(separator: "; "))
    }
}
