internal import Execution
internal import Foundation
internal import MediaProcess
internal import MediaWire
internal import Platform
internal import WorkerConfiguration

/// The output of `convert`. The duration is in seconds, the size in bytes.
struct ConversionDocument: Encodable {
    var output: String
    /// Absent if none was requested, or none could be extracted.
    var poster: String?
    /// False if the output is the unchanged input.
    var rewritten: Bool
    var mime: String
    var width: Int?
    var height: Int?
    var duration: Double
    var size: Int64
    var remark: String?
    /// What was done with each stream, and why.
    var decisions: [PlanDocument.Decision]

    init(_ conversion: PlainFileWork.Conversion, output: String, poster: String?) {
        let outcome = conversion.outcome
        self.output = output
        self.poster = conversion.hasPoster ? poster : nil
        rewritten = outcome.isRewritten
        mime = outcome.mime
        width = outcome.width
        height = outcome.height
        duration = Double(outcome.duration) / 1e6
        size = conversion.size
        remark = outcome.remark
        decisions = conversion.answer.plan.map { PlanDocument($0, nil).decisions } ?? []
    }

    var text: String {
        var parts = [mime]
        if let width, let height { parts.append("\(width)×\(height)") }
        parts += [String(format: "%.2f s", duration), ByteSize.text(size)]
        if !rewritten { parts.append("unchanged") }
        return "\(output): \(parts.joined(separator: ", "))" + (remark.map { "\n\($0)" } ?? "")
    }
}
