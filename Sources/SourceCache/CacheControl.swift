/// What a response allows a private cache to do with it: RFC 9111, and RFC 5861 for what is stale.
struct CacheControl: Sendable, Equatable {
    /// Seconds; nil where it is not told.
    var maxAge: Int?
    var staleWhileRevalidate: Int?
    var staleIfError: Int?
    var mayStore = true
    /// It is asked about each time.
    var mustAsk = false
    /// Once stale, it is not served without an answer.
    var mustRevalidate = false

    /// - Parameter fields: the values of all `Cache-Control` fields.
    init(_ fields: [String]) {
        for directive in fields.flatMap({ Self.directives($0) }) {
            switch directive.name {
            case "max-age": maxAge = Self.seconds(directive.value)
            case "stale-while-revalidate": staleWhileRevalidate = Self.seconds(directive.value)
            case "stale-if-error": staleIfError = Self.seconds(directive.value)
            case "no-store": mayStore = false
            case "no-cache": mustAsk = true
            case "must-revalidate": mustRevalidate = true
            default: break
            }
        }
    }

    /// Not a number is as if it were 0, too large one 2^31 (RFC 9111, 1.2.2 and 4.2.1).
    private static func seconds(_ value: String?) -> Int {
        guard let value, !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }) else { return 0 }
        return min(Int(value) ?? 1 << 31, 1 << 31)
    }

    /// Names in lower case; a value may be quoted, and hold commas then.
    private static func directives(_ field: String) -> [(name: String, value: String?)] {
        var parts: [String] = [""]
        var isQuoted = false
        for character in field {
            if character == "\"" { isQuoted.toggle() } else if character == ",", !isQuoted { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.compactMap { part in
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { $0.trimmed }
            guard let name = sides.first, !name.isEmpty else { return nil }
            return (name.lowercased(), sides.count > 1 ? sides[1] : nil)
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
