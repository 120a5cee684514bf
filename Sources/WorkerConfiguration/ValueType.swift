internal import FoundationEssentials
internal import Platform
internal import SQL

/// The syntax of a configured value: its name in the documentation, parsing and formatting.
struct ValueType<Value: Sendable>: Sendable {
    /// As in "must be …".
    let name: String
    /// Nil if the text is invalid.
    let parse: @Sendable (String) -> Value?
    let format: @Sendable (Value) -> String
    /// No message may quote the value.
    var isSecret = false
    /// The file may have a list of words instead of one text.
    var isList = false
}

extension ValueType where Value == String {
    static let text = ValueType(name: "text", parse: { $0.isEmpty ? nil : $0 }, format: { $0 })

    static let absolutePath = ValueType(
        name: "an absolute path", parse: { $0.hasPrefix("/") && !$0.utf8.contains(0) ? $0 : nil }, format: { $0 })

    static let metricsPath = ValueType(
        name: "an absolute path that ends with .prom",
        parse: { path in absolutePath.parse(path).flatMap { $0.hasSuffix(".prom") ? $0 : nil } }, format: { $0 })

    static func choice(_ names: [String]) -> ValueType {
        ValueType(name: "one of \(names.joined(separator: ", "))", parse: { names.contains($0) ? $0 : nil }, format: { $0 })
    }

    static let color = ValueType(
        name: "a colour as six hexadecimal digits (RRGGBB)",
        parse: { $0.utf8.count == 6 && $0.allSatisfy(\.isHexDigit) ? $0.uppercased() : nil }, format: { $0 })
}

extension ValueType where Value == String {
    static let socketPath = ValueType(
        name: "an absolute path of at most \(ListeningSocket.longestPath) bytes",
        parse: { path in absolutePath.parse(path).flatMap { $0.utf8.count <= ListeningSocket.longestPath ? $0 : nil } }, format: { $0 })
}

extension ValueType where Value == LoopbackAddress {
    static let loopback = ValueType(
        name: "a loopback address (127.0.0.1:PORT or [::1]:PORT)", parse: { LoopbackAddress($0) },
        format: \.description)
}

extension ValueType where Value == BearerToken {
    static let token = ValueType(name: BearerToken.rule, parse: { BearerToken($0) }, format: \.description, isSecret: true)
}

extension ValueType where Value == WebhookAddress {
    static let webhook = ValueType(
        name: WebhookAddress.rule, parse: { WebhookAddress($0) }, format: \.description, isSecret: true)
}

extension ValueType where Value == SigningSecret {
    static let signingSecret = ValueType(
        name: SigningSecret.rule, parse: { SigningSecret($0) }, format: \.description, isSecret: true)
}

extension ValueType where Value == SQLPassword {
    static let password = ValueType(
        name: "a password of one line", parse: { $0.isEmpty || $0.contains(where: \.isNewline) || $0.utf8.contains(0) ? nil : SQLPassword($0) },
        format: \.description, isSecret: true)
}

extension ValueType where Value == Bool {
    static let onOff = ValueType(
        name: "on or off", parse: { ["on": true, "off": false][$0] }, format: { $0 ? "on" : "off" })
}

extension ValueType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> ValueType {
        ValueType(
            name: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }, format: { String($0) })
    }

    static func bytes(_ range: ClosedRange<Int>) -> ValueType {
        ValueType(
            name: "a size from \(Quantity.bytes(range.lowerBound)) to \(Quantity.bytes(range.upperBound)), such as 500MB or 4GiB",
            parse: { text in Quantity.parseBytes(text).flatMap { range.contains($0) ? $0 : nil } },
            format: { Quantity.bytes($0) })
    }
}

extension ValueType where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> ValueType {
        ValueType(
            name: "a number from \(Quantity.number(range.lowerBound)) to \(Quantity.number(range.upperBound))",
            parse: { text in Double(text).flatMap { $0.isFinite && range.contains($0) ? $0 : nil } },
            format: { Quantity.number($0) })
    }

    /// A duration that the profile stores in seconds.
    static func seconds(_ range: ClosedRange<Double>) -> ValueType {
        let type = ValueType<Duration>.duration(.seconds(range.lowerBound)...(.seconds(range.upperBound)))
        return ValueType(
            name: type.name, parse: { type.parse($0).map { $0 / .seconds(1) } }, format: { type.format(.seconds($0)) })
    }
}

extension ValueType where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> ValueType {
        ValueType(
            name: """
                a duration from \(Quantity.duration(range.lowerBound)) to \(Quantity.duration(range.upperBound)), \
                such as 500ms, 30s, 5m or 2h
                """,
            parse: { text in Quantity.parseDuration(text).flatMap { range.contains($0) ? $0 : nil } },
            format: { Quantity.duration($0) })
    }
}

extension ValueType where Value == [String] {
    /// Words, or JSON if one of them is not plain.
    static let command = ValueType(
        name: "a list of a program and its arguments",
        parse: { text in
            let words =
                text.hasPrefix("[")
                ? (try? JSONDecoder().decode([String].self, from: Data(text.utf8))) ?? []
                : text.split(separator: " ").map(String.init)
            return words.first.map(\.isEmpty) == false && !words.contains { $0.utf8.contains(0) } ? words : nil
        },
        format: { words in
            let isPlain = words.allSatisfy { word in
                !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "/._-{}=:".contains($0) }
            }
            if isPlain { return words.joined(separator: " ") }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            return (try? encoder.encode(words)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }, isList: true)
}

extension ValueType where Value == [HostName] {
    static let hostNames = ValueType(
        name: "a list of \(HostName.rule)",
        parse: { text in
            let words = text.split { $0 == " " || $0 == "," }
            let names = words.compactMap { HostName(String($0)) }
            return names.isEmpty || names.count < words.count ? nil : names
        },
        format: { $0.map(\.description).joined(separator: " ") }, isList: true)
}

extension ValueType where Value == Date {
    static let moment = ValueType(
        name: "a time such as 2026-01-31T12:00:00Z, or a date",
        parse: { text in
            var full = text.replacing(" ", with: "T")
            if full.count == 10 { full += "T00:00:00" }
            if !full.hasSuffix("Z"), full.dropFirst(11).allSatisfy({ $0 != "+" && $0 != "-" }) { full += "Z" }
            return try? Date(full, strategy: .iso8601)
        }, format: { $0.formatted(.iso8601) })
}

extension ValueType where Value: CaseIterable {
    /// Written as the case's own name.
    static func oneOf(_ type: Value.Type) -> ValueType {
        let names = type.allCases.map { "\($0)" }.joined(separator: ", ")
        return ValueType(
            name: "one of \(names)", parse: { text in Value.allCases.first { "\($0)" == text } }, format: { "\($0)" })
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// Written as the case's raw value.
    static func word(_ type: Value.Type) -> ValueType {
        let names = type.allCases.map(\.rawValue).joined(separator: ", ")
        return ValueType(name: "one of \(names)", parse: { Value(rawValue: $0) }, format: { $0.rawValue })
    }
}

extension ValueType {
    /// An optional value, written as the given word if there is none.
    func orAbsent(_ word: String) -> ValueType<Value?> where Value: Sendable {
        let type = self
        return ValueType<Value?>(
            name: "\(name), or \(word)",
            parse: { text in text == word ? .some(nil) : type.parse(text).map { .some($0) } },
            format: { $0.map { type.format($0) } ?? word }, isSecret: isSecret, isList: isList)
    }
}
