/// Untrusted text, made safe for a log, a terminal and a database: nothing in it moves the cursor,
/// starts a new line, changes the writing direction or ends a C string.
public enum PlainText {
    /// One line.
    public static func line(_ text: String) -> String { clean(text, keeping: []) }

    /// Keeps line breaks.
    public static func lines(_ text: String) -> String { clean(text, keeping: ["\n", "\t"]) }

    /// The end of the text, at most this many bytes.
    public static func tail(_ text: String, bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        // Drop a scalar that the cut split.
        let rest = text.utf8.suffix(bytes).drop { $0 & 0xC0 == 0x80 }
        return String(decoding: rest, as: UTF8.self)
    }

    private static func clean(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            // C0, DEL and C1; terminals treat some of C1 as escapes.
            case 0..<0x20, 0x7F..<0xA0: kept.contains(scalar)
            // Line and paragraph separators; directional marks, embeddings and isolates (UAX #9).
            case 0x2028, 0x2029, 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
        guard !text.unicodeScalars.allSatisfy(isHarmless) else { return text }
        var plain = String.UnicodeScalarView()
        plain.append(contentsOf: text.unicodeScalars.map { isHarmless($0) ? $0 : " " })
        return String(plain)
    }
}
