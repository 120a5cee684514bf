/// Why a site cannot be worked on, as a sentence for the person who set it up.
public enum SiteError: Error, Sendable, Equatable, CustomStringConvertible {
    case noEnvironment(path: String, why: String)
    /// Nor, it may be, the site's folder.
    case environmentMissing(path: String)
    case badEnvironment(path: String, line: Int, why: String)
    case unsupportedDatabase(connection: String)
    /// A setting of the `.env`, whose value may be a secret and is not told.
    case badSetting(path: String, key: String, why: String)
    /// - Parameter key: the setting that says so.
    case unknownTimeZone(String, key: String = "APP_TIMEZONE")
    case databaseMissing(path: String)
    case databaseUnusable(path: String, why: String)
    /// The database answers, but is not Fresns': what it lacks.
    case notFresns(database: String, missing: [String], hint: String?)
    case unknownTable(String)

    /// Whether it may pass by itself, where the site was there before: its disk is mounted in its own time, and a file that is
    /// being restored is away for a moment.
    public var mayPass: Bool {
        switch self {
        case .environmentMissing, .databaseMissing: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .noEnvironment(let path, let why):
            "The site's settings cannot be read: \(path): \(why)."
        case .environmentMissing(let path):
            "The site's settings cannot be read: \(path): it does not exist. The site must be the folder that contains Fresns' .env."
        case .badEnvironment(let path, let line, let why):
            "The site's settings cannot be read: \(path), line \(line): \(why)."
        case .unsupportedDatabase(let connection):
            // What else stands there may have come from another line, a password too.
            """
            The site's DB_CONNECTION is \(["sqlsrv", "oracle", "mongodb", "singlestore"].contains(connection) ? connection : "another"), \
            which transcoder does not support; it supports sqlite, mysql, mariadb and pgsql.
            """
        case .badSetting(let path, let key, let why):
            "The site's settings cannot be used: \(path): \(key) \(why)."
        case .unknownTimeZone(_, let key):
            "The site's \(key) is not a time zone."
        case .databaseMissing(let path):
            "There is no database at \(path)."
        case .databaseUnusable(let path, let why):
            "The database \(path) cannot be used. \(why)"
        case .notFresns(let database, let missing, let hint):
            "\(database) is not a Fresns database: it has no \(missing.joined(separator: ", no "))."
                + (hint.map { " \($0)" } ?? "")
        case .unknownTable(let name):
            "Files are not attached to the table \(name); use posts, comments, conversations or conversation_messages."
        }
    }
}
