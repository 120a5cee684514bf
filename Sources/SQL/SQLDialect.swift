/// The differences between the databases' SQL. All differences that this program needs are here, and nowhere else.
public enum SQLDialect: String, Sendable, Equatable, CaseIterable, Codable {
    case sqlite, mariadb, postgresql

    /// A quoted table or column name. MariaDB's backquotes work with every `sql_mode`.
    public func name(_ name: String) -> Query { Query(sql: quoted(name)) }

    public func quoted(_ name: String) -> String {
        let quote = self == .mariadb ? "`" : "\""
        return quote + name.replacing(quote, with: quote + quote) + quote
    }

    /// What stands in a statement's text for its value of this number, from 1.
    func placeholder(_ number: Int) -> String { self == .postgresql ? "$\(number)" : "?" }

    /// The database's own clock, in milliseconds since 1970: leases are measured by one clock only. On a server, it is the start of
    /// the statement.
    public var milliseconds: Query {
        switch self {
        case .sqlite: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"
        // Not UNIX_TIMESTAMP(): it uses the session's time zone, in which one hour per year occurs twice.
        case .mariadb: "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"
        // Not clock_timestamp(): it changes within a statement, so that no index can be used.
        case .postgresql: "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)"
        }
    }

    /// Compares bytes, whatever the column's collation says about case and spaces.
    public func isExactly(_ expression: Query, _ text: String) -> Query {
        switch self {
        case .sqlite, .postgresql: "\(expression) = \(text)"
        case .mariadb: "CAST(\(expression) AS BINARY) = \(text)"
        }
    }

    /// The suffix of a SELECT whose rows the same transaction then changes.
    public var rowLock: Query {
        switch self {
        case .sqlite: ""  // The transaction holds the whole database.
        case .mariadb, .postgresql: " FOR UPDATE"
        }
    }

    /// The condition of a partial index; empty if the database does not support them.
    public func partialIndex(where condition: Query) -> Query {
        switch self {
        case .sqlite, .postgresql: " WHERE \(condition)"
        case .mariadb: ""
        }
    }

    /// The type for text of any length.
    public var longText: Query {
        switch self {
        case .sqlite, .postgresql: "TEXT"
        case .mariadb: "MEDIUMTEXT"  // Its TEXT ends at 64 kB.
        }
    }

    /// The options of a new table: transactions and all of Unicode, whatever the server's defaults are.
    public var tableOptions: Query {
        switch self {
        case .sqlite, .postgresql: ""
        case .mariadb: " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        }
    }
}
