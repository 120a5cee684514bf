/// A host as clients name it, with or without a port: `transcoder.example.org`, `10.0.0.5:8787`, `[2001:db8::1]`.
public struct HostName: Sendable, Equatable, CustomStringConvertible {
    /// In lower case.
    public let name: String
    /// nil: any.
    public let port: UInt16?

    public static let rule = "host names without wildcards, each with or without a port, such as transcoder.example.org"

    /// nil if it is none: an address with a scheme, a wildcard, an empty label.
    public init?(_ text: String) {
        let text = text.lowercased()
        let name: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = text[...end]
            rest = text[text.index(after: end)...]
            let digits = name.dropFirst().dropLast()
            guard digits.contains(":"), digits.utf8.allSatisfy({ Self.isHexDigit($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { return nil }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            name = text[..<end]
            rest = text[end...]
            let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            guard name.utf8.count <= 253, labels.allSatisfy(Self.isLabel) else { return nil }
        }
        self.name = String(name)
        if rest.isEmpty {
            port = nil
        } else {
            guard rest.first == ":", let number = Self.number(rest.dropFirst()) else { return nil }
            port = number
        }
    }

    /// Whether a `Host` header names it.
    public func isNamed(by header: HostName) -> Bool { name == header.name && (port == nil || port == header.port) }

    public var description: String { port.map { "\(name):\($0)" } ?? name }

    private static func isLabel(_ label: Substring) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
            && label.utf8.allSatisfy { isHexDigit($0) || (UInt8(ascii: "g")...UInt8(ascii: "z")).contains($0) || $0 == hyphen || $0 == UInt8(ascii: "_") }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func number(_ digits: Substring) -> UInt16? {
        digits.utf8.allSatisfy { (48...57).contains($0) } ? UInt16(digits).flatMap { $0 > 0 ? $0 : nil } : nil
    }
}
