internal import Site

extension SiteError {
    /// What to do about it: a sentence.
    package var remedy: String {
        switch self {
        case .noEnvironment, .environmentMissing: "Set “site” to the folder of the Fresns site, and see that this user may read the .env there."
        case .badEnvironment, .badSetting, .unsupportedDatabase: "Correct it in the site's .env."
        case .unknownTimeZone(_, let key): "Correct \(key) in the site's .env."
        case .databaseMissing: "Correct DB_DATABASE in the site's .env, or bring the file back."
        case .databaseUnusable:
            "See that it is there and lets this user in: DB_… in the site's .env, or database.… in the configuration, say who that is."
        case .notFresns:
            """
            Correct DB_PREFIX, or DB_DATABASE, in the site's .env. Where both are right, the database hides from its user what he may \
            not use: docs/databases.md says what to grant.
            """
        case .unknownTable: "Name one of these."
        }
    }
}
