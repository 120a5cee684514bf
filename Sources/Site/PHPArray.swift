internal import Verdicts

/// A PHP file that returns an array of plain values, as Laravel's `config:cache` writes its configuration (`var_export`). Only
/// that much PHP is parsed: nothing is executed, and other values are skipped, with their parentheses.
///
/// Errors name the location, never the content, which may be a password.
struct PHPArray: Equatable {
    struct Failure: Error, Equatable {
        var line: Int
    }

    indirect enum Value: Equatable {
        /// Text, or a number as it was written.
        case text(String)
        case boolean(Bool)
        case null
        case array([String: Value])
        /// Anything else: an object, a constant.
        case other
    }

    let value: Value

    init(_ text: String) throws(Failure) {
        var reader = Reader(text)
        value = try reader.file()
    }

    /// The text at a path of keys; nil if there is none.
    subscript(path: String...) -> String? {
        guard case .text(let text)? = at(path) else { return nil }
        return text
    }

    func at(_ path: [String]) -> Value? {
        var current = value
        for key in path {
            guard case .array(let items) = current, let next = items[key] else { return nil }
            current = next
        }
        return current
    }
}

private struct Reader {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    /// Deeper than any configuration: protects the stack.
    private static let deepest = 100

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func file() throws(PHPArray.Failure) -> PHPArray.Value {
        skipBlanks()
        guard take("<?php") else { throw failure }
        skipBlanks()
        guard take("return") else { throw failure }
        let value = try value()
        guard case .array = value else { throw failure }
        return value
    }

    private var failure: PHPArray.Failure { PHPArray.Failure(line: 1 + bytes[..<min(index, bytes.count)].count { $0 == 10 }) }
    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipBlanks() {
        while let byte = next {
            if [9, 10, 13, 32].contains(byte) {
                index += 1
            } else if byte == UInt8(ascii: "#") || starts("//") {
                while let byte = next, byte != 10 { index += 1 }
            } else if starts("/*") {
                index += 2
                while next != nil, !starts("*/") { index += 1 }
                index = min(index + 2, bytes.count)
            } else {
                return
            }
        }
    }

    private func starts(_ word: String) -> Bool { bytes[index...].starts(with: word.utf8) }

    private mutating func take(_ word: String) -> Bool {
        guard starts(word) else { return false }
        index += word.utf8.count
        return true
    }

    private mutating func value() throws(PHPArray.Failure) -> PHPArray.Value {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw failure }
        skipBlanks()
        guard let byte = next else { throw failure }
        if byte == UInt8(ascii: "[") {
            index += 1
            return try array(until: UInt8(ascii: "]"))
        }
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { return .text(try text()) }
        let word = self.word()
        skipBlanks()
        switch word.lowercased() {
        case "array" where next == UInt8(ascii: "("):
            index += 1
            return try array(until: UInt8(ascii: ")"))
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        default:
            if let first = word.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first) { return .text(word) }
            // `\Closure::__set_state(array(…))`, `(object) array(…)`, a constant.
            if word.isEmpty, next != UInt8(ascii: "(") { throw failure }
            while next == UInt8(ascii: "(") {
                index += 1
                try skip(until: UInt8(ascii: ")"))
                skipBlanks()
                if starts("array") || starts("[") { _ = try value() }
                skipBlanks()
            }
            return .other
        }
    }

    /// A name, or a number.
    private mutating func word() -> String {
        let start = index
        while let byte = next, byte > 32, !"()[],;='\"".utf8.contains(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func array(until end: UInt8) throws(PHPArray.Failure) -> PHPArray.Value {
        var items: [String: PHPArray.Value] = [:]
        var number = 0
        while true {
            skipBlanks()
            if next == end {
                index += 1
                return .array(items)
            }
            var item = try value()
            skipBlanks()
            if take("=>") {
                guard case .text(let key) = item else { throw failure }
                item = try value()
                items[key] = item
                if let own = Int(key), own >= number, own < .max { number = own + 1 }
            } else {
                items["\(number)"] = item
                number += 1
            }
            skipBlanks()
            if next == UInt8(ascii: ",") { index += 1 } else if next != end { throw failure }
        }
    }

    private mutating func skip(until end: UInt8) throws(PHPArray.Failure) {
        var open = 1
        while let byte = next {
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                _ = try text()
                continue
            }
            index += 1
            if byte == UInt8(ascii: "(") { open += 1 }
            if byte == end { open -= 1 }
            if open == 0 { return }
        }
        throw failure
    }

    /// Strings joined by dots: `'' . "\0" . 'a'`.
    private mutating func text() throws(PHPArray.Failure) -> String {
        var all: [UInt8] = []
        while true {
            try piece(&all)
            skipBlanks()
            guard next == UInt8(ascii: ".") else { break }
            index += 1
            skipBlanks()
            guard next == UInt8(ascii: "'") || next == UInt8(ascii: "\"") else { throw failure }
        }
        return String(decoding: all, as: UTF8.self)
    }

    private mutating func piece(_ all: inout [UInt8]) throws(PHPArray.Failure) {
        guard let quote = next else { throw failure }
        index += 1
        while let byte = next {
            index += 1
            if byte == quote { return }
            guard byte == UInt8(ascii: "\\"), let escaped = next else {
                all.append(byte)
                continue
            }
            index += 1
            switch escaped {
            case quote, UInt8(ascii: "\\"): all.append(escaped)
            // `var_export` writes a NUL byte like this, and nothing else.
            case UInt8(ascii: "0") where quote == UInt8(ascii: "\""): all.append(0)
            default: all += [byte, escaped]
            }
        }
        throw failure
    }
}
