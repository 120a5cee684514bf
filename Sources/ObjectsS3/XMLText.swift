/// The texts of elements in a small, flat answer of S3. Not a parser of XML: it knows neither attributes nor namespaces, and reads
/// answers that are bounded and whose elements do not nest in their own kind, without a parser's size and past.
struct XMLText {
    private let text: String

    init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self) }
    private init(_ text: Substring) { self.text = String(text) }

    /// Of the first such element; entities are resolved.
    subscript(name: String) -> String? { all(name).next().map { Self.plain($0.text) } }

    /// The contents of all such elements.
    func elements(_ name: String) -> [XMLText] {
        Array(all(name))
    }

    private func all(_ name: String) -> AnyIterator<XMLText> {
        var rest = text[...]
        return AnyIterator {
            guard let open = rest.firstRange(of: "<\(name)>"), let close = rest[open.upperBound...].firstRange(of: "</\(name)>") else { return nil }
            let element = XMLText(rest[open.upperBound..<close.lowerBound])
            rest = rest[close.upperBound...]
            return element
        }
    }

    private static func plain(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var plain = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&"), let end = rest[start...].firstIndex(of: ";") {
            plain += rest[..<start]
            let name = rest[rest.index(after: start)..<end]
            switch name {
            case "amp": plain += "&"
            case "lt": plain += "<"
            case "gt": plain += ">"
            case "quot": plain += "\""
            case "apos": plain += "'"
            default:
                let number = name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
                plain += number.flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? "&\(name);"
            }
            rest = rest[rest.index(after: end)...]
        }
        return plain + rest
    }
}
