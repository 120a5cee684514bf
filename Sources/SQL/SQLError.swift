/// What a database refused, and whether asking again later makes sense. Never holds a password or an argument's value.
public struct SQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Open: a driver may meet what no case names, and says `other`.
    public enum Code: String, Sendable {
        /// No database file, or no such database.
        case missing
        /// There, but no database.
        case notDatabase = "not-a-database"
        /// Somebody else held its lock for longer than we wait, or it chose us to end a deadlock, or has no time for us.
        case busy
        case readOnly = "read-only"
        /// Not allowed to open, read or write.
        case denied
        case full
        case io
        /// The connection broke, or was closed: nothing of the transaction is kept.
        case gone
        /// The connection broke while it committed: whether it did is to be found out by reading.
        case unknownOutcome = "unknown-outcome"
        /// The file was replaced by another one: nothing of the transaction is in that.
        case replaced
        /// A unique or NOT NULL rule, or a value that the column cannot hold.
        case constraint
        /// No such table.
        case noTable = "no-such-table"
        /// The statement itself is wrong.
        case statement
        case other
    }

    public var code: Code
    /// The database's own words.
    public var message: String
    /// The statement, with its placeholders.
    public var statement: String?

    public init(_ code: Code, _ message: String, statement: String? = nil) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    /// Whether the same work may succeed later, without anybody mending anything in the program.
    public var isTransient: Bool {
        switch code {
        case .busy, .full, .io, .gone, .unknownOutcome, .replaced: true
        case .missing, .notDatabase, .readOnly, .denied, .constraint, .noTable, .statement, .other: false
        }
    }

    /// A sentence for people; the statement is for the log.
    public var description: String {
        switch code {
        case .missing: "The database does not exist: \(message)."
        case .notDatabase: "This is not a database: \(message)."
        case .busy: "The database was busy or locked by another program for too long: \(message)."
        case .readOnly: "The database is read-only: \(message). Its file and folder must be writable."
        case .denied: "The database refused access: \(message)."
        case .full: "The database's disk is full: \(message)."
        case .io: "The database could not be read or written: \(message)."
        case .gone: "The connection to the database is lost: \(message)."
        case .unknownOutcome:
            "The connection to the database broke before it confirmed a change: \(message)."
        case .replaced: "The database's file was replaced by another one: \(message)."
        case .constraint, .noTable, .statement, .other:
            "The database refused a statement: \(message).\(statement.map { " In: \($0)" } ?? "")"
        }
    }
}
