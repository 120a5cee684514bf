import Foundation

/// Prometheus' text format, read strictly: a second opinion on what we write.
struct PrometheusText {
    struct Sample {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    /// By the metric's name, its type.
    private(set) var types: [String: String] = [:]
    private(set) var samples: [Sample] = []
    private(set) var faults: [String] = []

    init(_ text: String) {
        if !text.hasSuffix("\n") { faults.append("the last line has no end") }
        var current = ""
        var series: Set<String> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# HELP ") {
                current = String(line.split(separator: " ", maxSplits: 3)[2])
                if types[current] != nil { faults.append("\(current) comes twice") }
            } else if line.hasPrefix("# TYPE ") {
                let words = line.split(separator: " ")
                if words[2] != current { faults.append("\(words[2]) has no help") }
                types[current] = String(words[3])
            } else {
                let parts = Self.parts(of: line)
                guard let parts, let value = parts.value == "+Inf" ? .infinity : Double(parts.value) else {
                    faults.append("no sample: \(line)")
                    continue
                }
                let suffixes = types[current] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                if !suffixes.contains(where: { parts.name == current + $0 }) { faults.append("\(parts.name) stands beneath \(current)") }
                if !series.insert("\(parts.name)\(parts.labels.sorted { $0.key < $1.key })").inserted { faults.append("twice: \(line)") }
                samples.append(Sample(name: parts.name, labels: parts.labels, value: value))
            }
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { sample in sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value } }?.value
    }

    private static func parts(of line: Substring) -> (name: String, labels: [String: String], value: String)? {
        let pattern = /([a-z_]+)(?:\{(.*)\})? (\S+)/
        guard let match = line.wholeMatch(of: pattern) else { return nil }
        var labels: [String: String] = [:]
        for label in (match.2 ?? "").matches(of: /([a-z]+)="((?:[^"\\]|\\.)*)"(?:,|$)/) {
            labels[String(label.1)] = String(label.2).replacing("\\\"", with: "\"").replacing("\\n", with: "\n").replacing("\\\\", with: "\\")
        }
        return (String(match.1), labels, String(match.3))
    }
}
