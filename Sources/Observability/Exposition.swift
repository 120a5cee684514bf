/// Metrics in Prometheus' text format, version 0.0.4.
package struct Exposition: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }

    package typealias Label = (name: String, value: String)

    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var text = ""
    /// The labels of every sample.
    private let common: [Label]
    private var metric = ""

    init(common: [Label] = []) {
        self.common = common
    }

    /// Starts a metric; its samples follow.
    package mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        metric = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    package mutating func add(_ value: Double, _ labels: [Label] = [], suffix: String = "") {
        let pairs = (common + labels).map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        text += "\(metric)\(suffix)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(Self.number(value))\n"
    }

    package mutating func add(_ value: Int, _ labels: [Label] = []) { add(Double(value), labels) }

    package mutating func add(_ histogram: Histogram, _ labels: [Label] = []) {
        for (bound, count) in histogram.cumulative {
            add(Double(count), labels + [("le", Self.number(bound))], suffix: "_bucket")
        }
        add(histogram.sum, labels, suffix: "_sum")
        add(Double(histogram.count), labels, suffix: "_count")
    }

    /// A metric with one sample.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        begin(name, kind, help)
        add(value)
    }

    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) { add(name, kind, help, Double(value)) }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    package static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? "\(value)"
    }
}
