/// A database error, and whether a retry makes sense. Never contains a password or an argument's value.
public struct SQLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not exhaustive: a driver reports `other` for anything else.
    public enum Code: String, Sendable {
        /// No database file, or no such database.
        case missing
        /// It exists, but is not a database.
        case notDatabase = "not-a-database"
        /// Another session held the lock for too long, we were the victim of a deadlock, or the server is too busy.
        case busy
        case readOnly = "read-only"
        /// No permission to open, read or write.
        case denied
        case full
        case io
        /// The connection broke, or was closed: the transaction is rolled back.
        case gone
        /// The connection broke during the commit: only reading tells whether it succeeded.
        case unknownOutcome = "unknown-outcome"
        /// The file was replaced by another one, which has nothing of the transaction.
        case replaced
        /// A violated UNIQUE or NOT NULL constraint, or a value that the column cannot store.
        case constraint
        /// No such table.
        case noTable = "no-such-table"
        /// The statement itself is invalid.
        case statement
        case other
    }

    public var code: Code
    /// The database's own message.
    public var message: String
    /// The statement, with its placeholders.
    public var statement: String?

    public init(_ code: Code, _ message: String, statement: String? = nil) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    /// Whether the same work may succeed later, without any fix.
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
