/// Why a site is unusable, as a sentence for its administrator.
public enum SiteError: Error, Sendable, Equatable, CustomStringConvertible {
    case noEnvironment(path: String, why: String)
    /// Possibly the site's folder is missing, too.
    case environmentMissing(path: String)
    case badEnvironment(path: String, line: Int, why: String)
    case unsupportedDatabase(connection: String)
    /// A setting of the `.env`, whose value may be a secret and is not shown.
    case badSetting(path: String, key: String, why: String)
    /// - Parameter key: the setting.
    case unknownTimeZone(String, key: String = "APP_TIMEZONE")
    case databaseMissing(path: String)
    case databaseUnusable(path: String, why: String)
    /// The database works, but is not Fresns': what it lacks.
    case notFresns(database: String, missing: [String], hint: String?)
    case unknownTable(String)

    /// Whether it may pass by itself if the site existed before: its disk may be mounted later, and a file that is
    /// being restored is missing for a moment.
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
            // Other text may belong to another setting, such as a password.
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
