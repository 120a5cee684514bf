package import Jobs
package import Logging
package import Observability
package import Site
package import Verdicts

/// Everything about a finished job, as fields of its log line.
package struct LogFields {
    package private(set) var metadata: Logger.Metadata = [:]

    init(outcome: WorkCounters.Outcome) { set(outcome) }

    /// The fields of every log line about a job.
    package static func job(_ file: MediaFile, _ claim: Claim) -> Logger.Metadata {
        ["file_id": .stringConvertible(file.id), "fid": .string(file.fid), "attempt": .stringConvertible(claim.attempt)]
    }

    package mutating func set(_ outcome: WorkCounters.Outcome, _ verdict: Verdict? = nil) {
        metadata["outcome"] = .string(outcome.rawValue)
        if let verdict { metadata["code"] = .string(verdict.code.rawValue) }
    }

    package mutating func set(_ name: String, _ number: Int64?) {
        if let number { metadata[name] = .stringConvertible(number) }
    }

    /// Rounded to a thousandth.
    package mutating func set(_ name: String, _ number: Double) {
        metadata[name] = .stringConvertible((number * 1000).rounded() / 1000)
    }

    package mutating func set(_ result: FileResult) {
        set("bytes_out", result.size)
        set("media_seconds", Int64(result.duration))
        set("width", result.width.map(Int64.init))
        set("height", result.height.map(Int64.init))
        metadata["type"] = .string(result.mime)
        if let path = result.newPath { metadata["path"] = .string(path) }
    }

    package mutating func set(_ timings: JobTimings) {
        set("seconds", timings.seconds)
        if let speed = timings.speed { set("speed", speed) }
        for (phase, seconds) in timings.phases { set("\(phase.rawValue)_seconds", seconds) }
    }
}
