import FoundationEssentials
import GRDB

/// Lent by `SQLiteDatabase`, on GRDB's queue, for one transaction.
struct SQLiteSession: SQLSession {
    let database: Database

    func query(_ query: Query) throws(SQLError) -> [SQLRow] {
        do {
            let statement = try database.cachedStatement(sql: query.text(for: .sqlite))
            let columns = statement.columnNames
            return try Row.fetchAll(statement, arguments: query.arguments).map {
                SQLRow(columns: columns, values: $0.databaseValues.map(SQLValue.init(databaseValue:)))
            }
        } catch {
            throw SQLError(grdb: error)
        }
    }

    func execute(_ query: Query) throws(SQLError) -> Int {
        do {
            let before = database.totalChangesCount
            let statement = try database.cachedStatement(sql: query.text(for: .sqlite))
            try statement.execute(arguments: query.arguments)
            // `changesCount` keeps the last statement's number if this one changes no row, so check whether it did.
            return database.totalChangesCount == before ? 0 : database.changesCount
        } catch {
            throw SQLError(grdb: error)
        }
    }
}

extension Query {
    fileprivate var arguments: StatementArguments { StatementArguments(values.map(\.databaseValue)) }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .boolean(let value): (value ? Int64(1) : 0).databaseValue
        case .bytes(let value): Data(value).databaseValue
        }
    }

    fileprivate init(databaseValue: DatabaseValue) {
        switch databaseValue.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .real(value)
        case .string(let value): self = .text(value)
        // PHP binds some strings as blobs: they are text nevertheless.
        case .blob(let bytes): self = String(validating: bytes, as: UTF8.self).map(SQLValue.text) ?? .bytes(Array(bytes))
        }
    }
}

extension SQLError {
    init(grdb error: any Error) {
        if let error = error as? SQLError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.other, String(describing: error))
            return
        }
        self.init(Self.code(of: error), error.message ?? "SQLite error \(error.resultCode.rawValue)", statement: error.sql)
    }

    private static func code(of error: DatabaseError) -> Code {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: .notDatabase
        case .SQLITE_READONLY: error.extendedResultCode.rawValue == SQLiteFileGuard.moved ? .replaced : .readOnly
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .denied
        case .SQLITE_FULL: .full
        case .SQLITE_IOERR: .io
        case .SQLITE_MISUSE: .gone
        case .SQLITE_CONSTRAINT: .constraint
        case .SQLITE_ERROR: (error.message ?? "").hasPrefix("no such table") ? .noTable : .statement
        default: .other
        }
    }
}
