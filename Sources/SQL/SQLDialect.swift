/// Where the databases differ in words. Every difference that the statements of this program meet is here, and nowhere else.
public enum SQLDialect: Sendable, Equatable {
    case sqlite

    /// A table's or column's name, quoted.
    public func name(_ name: String) -> String {
        switch self {
        case .sqlite: "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
    }

    /// The database's own clock, in milliseconds since 1970: leases are measured by one clock only.
    public var milliseconds: String {
        switch self {
        case .sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
        }
    }

    /// What follows a SELECT whose rows the same transaction goes on to change.
    public var rowLock: String {
        switch self {
        case .sqlite: ""  // The transaction holds the whole database.
        }
    }

    /// The condition of an index over few of a table's rows; empty where the database knows no such index.
    public func partialIndex(where condition: String) -> String {
        switch self {
        case .sqlite: " WHERE \(condition)"
        }
    }
}
