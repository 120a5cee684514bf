/// Text that a stranger may have written, made fit for a log, a terminal and a database: nothing in it moves a cursor,
/// begins a line of its own, turns the direction of writing or ends a C string.
public enum PlainText {
    /// One line.
    public static func line(_ text: String) -> String { clean(text, keeping: []) }

    /// Lines as they are.
    public static func lines(_ text: String) -> String { clean(text, keeping: ["\n", "\t"]) }

    /// The last of the text, of at most so many bytes.
    public static func tail(_ text: String, bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        // Half a scalar at the cut is left out.
        let rest = text.utf8.suffix(bytes).drop { $0 & 0xC0 == 0x80 }
        return String(decoding: rest, as: UTF8.self)
    }

    private static func clean(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
        func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            // C0, DEL and C1; a terminal takes some of the latter for an escape.
            case 0..<0x20, 0x7F..<0xA0: kept.contains(scalar)
            // Ends of lines and of paragraphs; marks, embeddings and isolates of direction (UAX #9).
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
