internal import Foundation
internal import Jobs
internal import Platform
internal import Site
internal import WorkerConfiguration

/// Jobs for people: one line each, in columns.
enum JobsTable {
    static func text(_ jobs: [ListedJob], now: Date) -> String {
        let head = ["id", "state", "attempts", "age", "name", ""]
        let rows = [head] + jobs.map { row($0, now) }
        let widths = head.indices.map { column in rows.map { $0[column].terminalWidth }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].terminalWidth)
                // Right-align numbers.
                return [0, 2, 3].contains(column) ? gap + row[column] : row[column] + gap
            }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
        }.joined(separator: "\n")
    }

    private static func row(_ job: ListedJob, _ now: Date) -> [String] {
        let name = job.name.fitting(terminalWidth: 32)
        // Names and reasons take one line each, whatever they contain.
        return [
            "\(job.fileID)", job.state.rawValue, "\(job.attempts)", job.age.map { Quantity.clock(seconds: $0) } ?? "",
            name, remark(job, now),
        ].map { $0.replacing("\n", with: " ") }
    }

    private static func remark(_ job: ListedJob, _ now: Date) -> String {
        var parts: [String] = []
        if let holder = job.holder { parts.append("process \(holder.pid) on \(holder.host)") }
        if let next = job.nextAt {
            parts.append("next attempt in \(Quantity.clock(seconds: next.timeIntervalSince(now)))")
        }
        if let code = job.code { parts.append("\(code): \(job.reason ?? "")") }
        if job.losses > 0 { parts.append("interrupted \(job.losses == 1 ? "once" : "\(job.losses) times")") }
        return parts.joined(separator: "; ")
    }
}
