internal import Verdicts

/// Parses one entry of an `EnvironmentFile`: `NAME=value`, optionally with `export`.
struct EnvironmentEntry {
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

    /// The name, with the position after the `=`; nil for an empty line, a comment, or a name without a value.
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
            throw failure("the name before the = may only have letters, digits, _ and .")
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
        // PHP rejects `NAME=two words`, and Laravel then does not start.
        guard current == nil || current == "#" else { throw failure("a value with spaces needs quotes around it") }
        return value
    }

    private mutating func unquoted() -> String {
        var value = String.UnicodeScalarView()
        // A # starts a comment anywhere: Laravel requires quotes around a password that contains one.
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
        default: throw failure("a backslash precedes a character that it cannot escape")
        }
    }

    /// The value of `${NAME}` at the position, which moves past it; nil, without moving, if it is not a reference
    /// to a known name.
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
