internal import FoundationEssentials

/// The secret that HTTP clients must send. Printing it in any way prints dots.
public struct BearerToken: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public static let rule = "a token of 16 to 256 letters, digits and -._~+/="

    /// nil if the text breaks `rule`.
    public init?(_ text: String) {
        let isRight = (16...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~+/=".utf8.contains(byte)
            }
        guard isRight else { return nil }
        self.text = text
    }

    /// Whether an `Authorization` header holds it. Compares in constant time.
    package func isShown(in header: String?) -> Bool {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return false }
        return isSame(Array(header.utf8.dropFirst(7).drop { $0 == UInt8(ascii: " ") }))
    }

    /// Whether an `Authorization` header holds it as a Basic password.
    package func isPassword(in header: String?) -> Bool {
        guard let header, header.lowercased().hasPrefix("basic "),
            let pair = Data(base64Encoded: String(header.dropFirst(6).drop { $0 == " " })),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return false }
        return isSame(Array(pair[(colon + 1)...]))
    }

    private func isSame(_ shown: [UInt8]) -> Bool {
        let right = Array(text.utf8)
        var difference: UInt8 = shown.count == right.count ? 0 : 1
        for index in right.indices { difference |= right[index] ^ (index < shown.count ? shown[index] : 0) }
        return difference == 0
    }

    public var description: String { "•••" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
