internal import Site

extension SiteError {
    /// What to do about it: a sentence.
    package var remedy: String {
        switch self {
        case .noEnvironment, .environmentMissing: "Set “site” to the folder of the Fresns site, and check that this user can read its .env."
        case .badEnvironment, .badSetting, .unsupportedDatabase: "Fix it in the site's .env."
        case .unknownTimeZone(_, let key): "Fix \(key) in the site's .env."
        case .databaseMissing: "Fix DB_DATABASE in the site's .env, or restore the file."
        case .databaseUnusable:
            "Check that it is available and lets this user in: DB_… in the site's .env, or database.… in the configuration."
        case .notFresns:
            """
            Fix DB_PREFIX or DB_DATABASE in the site's .env. If both are right, the database user lacks rights to the tables: \
            docs/databases.md says what to grant.
            """
        case .unknownTable: "Use one of these."
        }
    }
}
