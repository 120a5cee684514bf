internal import MediaWire

/// What `plan` tells.
struct PlanDocument: Encodable {
    struct Decision: Encodable {
        /// Absent where it is about the whole file.
        var stream: Int?
        var action: String
        var reason: String
    }

    /// "mp4" or "m4a"; absent where the file is right as it is.
    var output: String?
    /// What will be missing, for people; absent where nothing is.
    var remark: String?
    var decisions: [Decision]
    var media: MediaDocument?

    init(_ plan: PlanReport, _ info: MediaInfo?) {
        output = plan.output
        remark = plan.remark
        decisions = plan.decisions.map { Decision(stream: $0.stream, action: $0.action, reason: $0.reason) }
        media = info.map(MediaDocument.init)
    }

    var text: String {
        let head = output.map { "The output is an \($0)." } ?? "The file needs no conversion."
        let lines = decisions.map { decision in
            let subject = decision.stream.map { "stream \($0)" } ?? "file"
            return "  \(subject): \(decision.action) — \(decision.reason)"
        }
        return ([head] + lines + [remark].compactMap(\.self)).joined(separator: "\n")
    }
}
