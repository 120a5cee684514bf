/// Where the databases differ in words. Every difference that the statements of this program meet is here, and nowhere else.
public enum SQLDialect: String, Sendable, Equatable, CaseIterable, Codable {
    case sqlite, mariadb, postgresql

    /// A table's or column's name, quoted. MariaDB's quotes hold whatever its `sql_mode`.
    public func name(_ name: String) -> String {
        let quote: Character = self == .mariadb ? "`" : "\""
        return "\(quote)" + name.map { $0 == quote ? "\(quote)\(quote)" : String($0) }.joined() + "\(quote)"
    }

    /// The database's own clock, in milliseconds since 1970: leases are measured by one clock only. A server's tells when
    /// the statement began.
    public var milliseconds: String {
        switch self {
        case .sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
        // Not UNIX_TIMESTAMP(): it goes by way of the session's time zone, where an hour a year comes twice.
        case .mariadb: "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"
        // Not clock_timestamp(): it changes within a statement, so that no index helps to compare with it.
        case .postgresql: "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)"
        }
    }

    /// Whether a text is another, byte for byte, whatever the column's collation says of case and blanks. `text` is a literal's
    /// content, of plain letters.
    public func isExactly(_ expression: String, _ text: String) -> String {
        switch self {
        case .sqlite, .postgresql: "\(expression) = '\(text)'"
        case .mariadb: "CAST(\(expression) AS BINARY) = '\(text)'"
        }
    }

    /// What follows a SELECT whose rows the same transaction goes on to change.
    public var rowLock: String {
        switch self {
        case .sqlite: ""  // The transaction holds the whole database.
        case .mariadb, .postgresql: " FOR UPDATE"
        }
    }

    /// The condition of an index over few of a table's rows; empty where the database knows no such index.
    public func partialIndex(where condition: String) -> String {
        switch self {
        case .sqlite, .postgresql: " WHERE \(condition)"
        case .mariadb: ""
        }
    }

    /// The type of a text of any length.
    public var longText: String {
        switch self {
        case .sqlite, .postgresql: "TEXT"
        case .mariadb: "MEDIUMTEXT"  // Its TEXT ends at 64 kB.
        }
    }

    /// What follows the columns of a new table: transactions and all of Unicode, whatever the server's defaults are.
    public var tableOptions: String {
        switch self {
        case .sqlite, .postgresql: ""
        case .mariadb: " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        }
    }
}
