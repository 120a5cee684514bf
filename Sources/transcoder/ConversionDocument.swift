internal import Execution
internal import Foundation
internal import MediaProcess
internal import MediaWire
internal import Platform
internal import Verdicts
internal import WorkerConfiguration

/// The output of `convert`. The duration is in seconds, the size in bytes.
struct ConversionDocument: Encodable {
    var input: String
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
    var sourceSize: Int64
    /// Of work, and how many times faster than playing it.
    var seconds: Double
    var speed: Double?
    var remark: String?
    /// What was done with each stream, and why.
    var decisions: [PlanDocument.Decision]

    init(_ conversion: PlainFileWork.Conversion, input: String, output: String, poster: String?, in language: Language) {
        let outcome = conversion.outcome
        self.input = input
        self.output = output
        self.poster = conversion.hasPoster ? poster : nil
        rewritten = outcome.isRewritten
        mime = outcome.mime
        width = outcome.width
        height = outcome.height
        duration = Double(outcome.duration) / 1e6
        (sourceSize, size) = (conversion.sourceSize, conversion.size)
        seconds = (conversion.seconds * 100).rounded() / 100
        speed = conversion.seconds > 0 ? (duration / conversion.seconds * 10).rounded() / 10 : nil
        remark = outcome.remarks.text(in: language)
        decisions = conversion.answer.plan.map { PlanDocument($0, nil, in: language).decisions } ?? []
    }

    var text: String {
        var parts = [mime]
        if let width, let height { parts.append("\(width)×\(height)") }
        let change = sourceSize > 0 ? 100 * (Double(size) / Double(sourceSize) - 1) : 0
        let sizes = "\(ByteSize.text(sourceSize)) → \(ByteSize.text(size)) (\(change < 0 ? "−" : "+")\(Quantity.whole(abs(change))) %)"
        parts += [String(format: "%.2f s", duration), rewritten ? sizes : "\(ByteSize.text(size)), unchanged"]
        parts.append("in \(Quantity.clock(seconds: seconds))" + (speed.map { " (\(Quantity.tenths($0))×)" } ?? ""))
        return (["\(output): \(parts.joined(separator: ", "))"] + decisions.map(\.text) + [remark].compactMap(\.self)).joined(separator: "\n")
    }

    /// If the name promises another kind of file.
    var warning: String? {
        let kinds = ["video/mp4": ["mp4", "m4v", "mov"], "audio/mp4": ["m4a", "mp4", "m4b"], "audio/mpeg": ["mp3"]]
        let name = (output as NSString).pathExtension.lowercased()
        guard rewritten, !name.isEmpty, let fitting = kinds[mime], !fitting.contains(name) else { return nil }
        return "“\(output)” holds \(fitting[0].uppercased()): programs that go by the name .\(name) may refuse it."
    }
}
