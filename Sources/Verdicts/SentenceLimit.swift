/// The length of a sentence in a row.
public enum SentenceLimit {
    /// The length of `files.transcoding_reason`, in characters as a database counts them.
    public static let characters = 255

    /// Cuts to `characters` Unicode scalars, never inside a grapheme: MariaDB and PostgreSQL count scalars, and
    /// reject a longer text.
    public static func cut(_ text: String) -> String {
        if text.unicodeScalars.count <= characters { return text }
        var kept = ""
        var room = characters - 1
        for character in text {
            room -= character.unicodeScalars.count
            if room < 0 { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
