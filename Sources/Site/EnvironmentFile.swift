/// A Laravel `.env` file, parsed by the rules of phpdotenv 5, which Laravel uses: we accept what PHP accepts,
/// and reject what PHP rejects.
///
/// Errors name the line, never the value, which may be a password.
struct EnvironmentFile: Equatable {
    struct Failure: Error, Equatable {
        var line: Int
        var why: String
    }

    /// The last setting of a name wins, as in Laravel.
    private(set) var values: [String: String] = [:]

    /// Replaces a value; nil removes it.
    mutating func set(_ name: String, _ value: String?) { values[name] = value }

    init(_ text: String) throws(Failure) {
        var lines = Lines(text)
        while let (number, line) = lines.next() {
            var entry = EnvironmentEntry(line, number: number, known: values)
            guard let name = try entry.name() else { continue }
            if entry.opensDoubleQuote {
                // A double-quoted value continues over line breaks until it is closed.
                while !entry.closesDoubleQuote, let (_, more) = lines.next() { entry.append(more) }
            }
            values[name] = try entry.value()
        }
    }

    /// As in Laravel's `env()`: `null` means no value, `empty` the empty one.
    subscript(name: String) -> String? {
        guard let value = values[name] else { return nil }
        return switch value.lowercased() {
        case "null", "(null)": nil
        case "empty", "(empty)": ""
        case "true", "(true)": "true"
        case "false", "(false)": "false"
        default: value
        }
    }
}

/// The lines of a text, with any line ending, numbered from 1.
private struct Lines {
    private var rest: ArraySlice<Substring.UnicodeScalarView>
    private var number = 0

    init(_ text: String) {
        var scalars = text.unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        // CR LF is one Character in Swift, so the text is split at scalars.
        rest = scalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? line.dropLast() : line
        }[...]
    }

    mutating func next() -> (Int, Substring.UnicodeScalarView)? {
        guard let line = rest.popFirst() else { return nil }
        number += 1
        return (number, line)
    }
}
