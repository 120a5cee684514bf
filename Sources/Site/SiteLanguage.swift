import SQL
import Synchronization
public import Verdicts

/// The language of what rows tell about a file.
extension Site {
    /// - Parameter language: nil: the site's own default language, whatever it is at the time.
    public func set(language: Language?) { chosenLanguage.withLock { $0 = language } }

    public func language() async throws -> Language {
        if let chosen = chosenLanguage.withLock(\.self) { return chosen }
        return Language(closestTo: try await configuration("default_language") ?? "")
    }

    /// Never in the transaction that writes a result: who may not read the site's settings loses a wording, and nothing else.
    public func wording() async -> Language { (try? await language()) ?? .english }
}
