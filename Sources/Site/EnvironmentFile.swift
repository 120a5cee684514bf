/// A Laravel `.env` file, read by the rules of phpdotenv 5, which Laravel uses: what PHP understands is what we understand,
/// and what PHP refuses is an error here too.
///
/// Errors name the line and never the value, which may be a password.
struct EnvironmentFile: Equatable {
    struct Failure: Error, Equatable {
        var line: Int
        var why: String
    }

    /// The last setting of a name wins, as in Laravel.
    private(set) var values: [String: String] = [:]

    init(_ text: String) throws(Failure) {
        var lines = Lines(text)
        while let (number, line) = lines.next() {
            var reader = EntryReader(line, number: number, known: values)
            guard let name = try reader.name() else { continue }
            if reader.opensDoubleQuote {
                // A double-quoted value goes on over line ends until it is closed.
                while !reader.closesDoubleQuote, let (_, more) = lines.next() { reader.append(more) }
            }
            values[name] = try reader.value()
        }
    }

    /// As Laravel's `env()` gives it: `null` is no value, `empty` is the empty one.
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

/// The lines of a text, whatever ends them, numbered from 1.
private struct Lines {
    private var rest: ArraySlice<Substring.UnicodeScalarView>
    private var number = 0

    init(_ text: String) {
        var scalars = text.unicodeScalars[...]
        if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
        // CR LF is one Character in Swift, so the cut is made between scalars.
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

/// One entry: `NAME=value`, with `export` before it or not.
private struct EntryReader {
    private typealias Scalars = [Unicode.Scalar]
    private let number: Int
    private let known: [String: String]
    private var scalars: Scalars
    private var index = 0

    init(_ line: Substring.UnicodeScalarView, number: Int, known: [String: String]) {
        self.number = number
        self.known = known
        scalars = Array(line)
    }

    private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func failure(_ why: String) -> EnvironmentFile.Failure { .init(line: number, why: why) }

    private mutating func skipSpace() {
        while let scalar = current, scalar.isBlank { index += 1 }
    }

    /// The name, with the position left behind the `=`; nil for an empty line, a comment, or a name that is given no value.
    mutating func name() throws(EnvironmentFile.Failure) -> String? {
        skipSpace()
        if current == nil || current == "#" { return nil }
        var name = word()
        if name == "export", let scalar = current, scalar.isBlank {
            skipSpace()
            name = word()
        }
        if let quote = name.first, name.count > 1, quote == "'" || quote == "\"", name.last == quote {
            name = String(name.dropFirst().dropLast())
        }
        skipSpace()
        guard !name.isEmpty, name.unicodeScalars.allSatisfy(\.isNamePart) else {
            throw failure("the name before the = holds something else than letters, digits, _ and .")
        }
        guard current == "=" else {
            if current == nil { return nil }
            throw failure("the name \(name) is not followed by =")
        }
        index += 1
        skipSpace()
        return name
    }

    private mutating func word() -> String {
        var word = String.UnicodeScalarView()
        while let scalar = current, scalar != "=", !scalar.isBlank {
            word.append(scalar)
            index += 1
        }
        return String(word)
    }

    var opensDoubleQuote: Bool { current == "\"" }

    var closesDoubleQuote: Bool {
        var position = index + 1
        while position < scalars.count {
            if scalars[position] == "\"" { return true }
            position += scalars[position] == "\\" ? 2 : 1
        }
        return false
    }

    mutating func append(_ line: Substring.UnicodeScalarView) {
        scalars.append("\n")
        scalars.append(contentsOf: line)
    }

    mutating func value() throws(EnvironmentFile.Failure) -> String {
        let value =
            switch current {
            case "\"": try doubleQuoted()
            case "'": try singleQuoted()
            default: unquoted()
            }
        skipSpace()
        // PHP refuses `NAME=two words`, and Laravel then does not start.
        guard current == nil || current == "#" else { throw failure("a value with spaces needs quotes around it") }
        return value
    }

    private mutating func unquoted() -> String {
        var value = String.UnicodeScalarView()
        // A # begins a comment wherever it stands: Laravel wants quotes around a password that has one.
        while let scalar = current, scalar != "#", !scalar.isBlank {
            if scalar == "$", let inserted = interpolation() {
                value.append(contentsOf: inserted.unicodeScalars)
            } else {
                value.append(scalar)
                index += 1
            }
        }
        return String(value)
    }

    private mutating func singleQuoted() throws(EnvironmentFile.Failure) -> String {
        index += 1
        var value = String.UnicodeScalarView()
        while let scalar = current, scalar != "'" {
            value.append(scalar)
            index += 1
        }
        guard current == "'" else { throw failure("a quote is not closed") }
        index += 1
        return String(value)
    }

    private mutating func doubleQuoted() throws(EnvironmentFile.Failure) -> String {
        index += 1
        var value = String.UnicodeScalarView()
        while let scalar = current, scalar != "\"" {
            index += 1
            if scalar == "\\" {
                value.append(try escaped())
            } else if scalar == "$" {
                index -= 1
                if let inserted = interpolation() {
                    value.append(contentsOf: inserted.unicodeScalars)
                } else {
                    value.append(scalar)
                    index += 1
                }
            } else {
                value.append(scalar)
            }
        }
        guard current == "\"" else { throw failure("a quote is not closed") }
        index += 1
        return String(value)
    }

    private mutating func escaped() throws(EnvironmentFile.Failure) -> Unicode.Scalar {
        guard let scalar = current else { throw failure("a quote is not closed") }
        index += 1
        switch scalar {
        case "\"", "\\", "$": return scalar
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        default: throw failure("a backslash stands before a character that it does not escape")
        }
    }

    /// The value of `${NAME}` at the position, which moves behind it; nil, and nothing moved, where it is no such thing
    /// or names nothing known.
    private mutating func interpolation() -> String? {
        var position = index + 1
        guard position < scalars.count, scalars[position] == "{" else { return nil }
        position += 1
        var name = String.UnicodeScalarView()
        while position < scalars.count, scalars[position].isNamePart {
            name.append(scalars[position])
            position += 1
        }
        guard position < scalars.count, scalars[position] == "}", let value = known[String(name)] else { return nil }
        index = position + 1
        return value
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\u{0B}" || self == "\u{0C}" || self == "\r" }

    fileprivate var isNamePart: Bool {
        switch self {
        case "a"..."z", "A"..."Z", "0"..."9", "_", ".": true
        default: false
        }
    }
}
