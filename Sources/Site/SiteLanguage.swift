import SQL
import Synchronization
public import Verdicts

/// The language of what rows tell about a file.
extension Site {
    /// - Parameter language: nil: the site's own default language, whatever it is at the time.
    public func set(language: Language?) { chosenLanguage.withLock { $0 = language } }

    public func language() async throws -> Language {
        try await database.read { [self] session in try language(session) }
    }

    func language(_ session: any SQLSession) throws -> Language {
        if let chosen = chosenLanguage.withLock(\.self) { return chosen }
        guard schema.hasConfigs else { return .english }
        let sql: Query = "SELECT item_value FROM \(schema.table("configs")) WHERE item_key = \("default_language" as String)"
        return Language(closestTo: try session.query(sql).first?.text("item_value") ?? "")
    }
}
