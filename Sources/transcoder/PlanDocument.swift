internal import MediaWire
internal import Verdicts

/// The output of `plan`.
struct PlanDocument: Encodable {
    struct Decision: Encodable {
        /// Absent if it concerns the whole file.
        var stream: Int?
        var action: String
        var reason: String

        var text: String { "  \(stream.map { "stream \($0)" } ?? "file"): \(action) — \(reason)" }
    }

    /// "mp4" or "m4a"; absent if the file needs no conversion.
    var output: String?
    /// What will be missing, for people; absent if nothing is.
    var remark: String?
    var decisions: [Decision]
    var media: MediaDocument?

    init(_ plan: PlanReport, _ info: MediaInfo?, in language: Language) {
        output = plan.output
        remark = plan.remarks.text(in: language)
        decisions = plan.decisions.map { Decision(stream: $0.stream, action: $0.action, reason: $0.reason) }
        media = info.map(MediaDocument.init)
    }

    var text: String {
        let head = output.map { "The output is an \($0)." } ?? "The file needs no conversion."
        return ([head] + decisions.map(\.text) + [remark].compactMap(\.self)).joined(separator: "\n")
    }
}
