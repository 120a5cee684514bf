package import Foundation

/// As much of JSON Schema as docs/status.schema.json uses.
package struct StatusSchema {
    private let root: [String: Any]

    package static func load() throws -> StatusSchema {
        let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/docs/status.schema.json"
        let data = try Data(contentsOf: URL(filePath: path))
        return StatusSchema(root: try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:])
    }

    package func faults(in data: Data) throws -> [String] {
        faults(in: try JSONSerialization.jsonObject(with: data), against: root, at: "$")
    }

    private func faults(in value: Any, against given: [String: Any], at place: String) -> [String] {
        var schema = given
        if let reference = given["$ref"] as? String, let name = reference.split(separator: "/").last {
            schema = (root["$defs"] as? [String: Any])?[String(name)] as? [String: Any] ?? [:]
        }
        var faults: [String] = []
        if let type = schema["type"] as? String, !isOf(type, value) { return ["\(place) is no \(type)"] }
        if let allowed = schema["enum"] as? [String], let text = value as? String, !allowed.contains(text) {
            faults.append("\(place) is “\(text)”")
        }
        if let number = value as? Double {
            if let least = schema["minimum"] as? Double, number < least { faults.append("\(place) is \(number)") }
            if let most = schema["maximum"] as? Double, number > most { faults.append("\(place) is \(number)") }
        }
        if let text = value as? String {
            if let most = schema["maxLength"] as? Int, text.count > most { faults.append("\(place) is too long") }
            if let pattern = schema["pattern"] as? String, text.range(of: pattern, options: .regularExpression) == nil {
                faults.append("\(place) is “\(text)”")
            }
            if schema["format"] as? String == "date-time", (try? Date(text, strategy: .iso8601)) == nil {
                faults.append("\(place) is no moment: “\(text)”")
            }
        }
        if let object = value as? [String: Any] {
            let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
            for name in schema["required"] as? [String] ?? [] where object[name] == nil {
                faults.append("\(place).\(name) is missing")
            }
            for (name, inner) in object {
                guard let property = properties[name] else {
                    faults.append("\(place).\(name) is not described")
                    continue
                }
                faults += self.faults(in: inner, against: property, at: "\(place).\(name)")
            }
        }
        if let list = value as? [Any] {
            if let most = schema["maxItems"] as? Int, list.count > most { faults.append("\(place) is too long") }
            if let least = schema["minItems"] as? Int, list.count < least { faults.append("\(place) is too short") }
            let items = schema["items"] as? [String: Any] ?? [:]
            for (index, inner) in list.enumerated() { faults += self.faults(in: inner, against: items, at: "\(place)[\(index)]") }
        }
        return faults
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "array": value is [Any]
        case "string": value is String
        case "boolean": value is Bool
        case "integer": (value as? Double).map { $0 == $0.rounded() } ?? false
        case "number": value is Double
        default: false
        }
    }
}
