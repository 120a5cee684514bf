import CMariaDB
/// A prepared statement of one connection, on the connection's thread, and not outliving the connection.
final class MariaDBStatement {
    private let sql: String
    /// Created in `init`, destroyed in `deinit`.
    private let handle: UnsafeMutablePointer<MYSQL_STMT>

    init(_ connection: UnsafeMutablePointer<MYSQL>, _ sql: String) throws(SQLError) {
        guard let handle = mysql_stmt_init(connection) else {
            throw SQLError(mariadb: mysql_errno(connection), mysql_error(connection), statement: sql)
        }
        self.sql = sql
        self.handle = handle
        if mysql_stmt_prepare(handle, sql, UInt(sql.utf8.count)) != 0 { throw failure() }
        // So that row buffers can be as large as the longest value.
        var yes: my_bool = 1
        mysql_stmt_attr_set(handle, STMT_ATTR_UPDATE_MAX_LENGTH, &yes)
    }

    deinit { mysql_stmt_close(handle) }

    func query(_ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
        try send(arguments)
        defer { mysql_stmt_free_result(handle) }
        guard mysql_stmt_field_count(handle) > 0 else { return [] }
        if mysql_stmt_store_result(handle) != 0 { throw failure() }
        guard let metadata = mysql_stmt_result_metadata(handle) else { throw failure() }
        defer { mysql_free_result(metadata) }
        let row = MariaDBRow(metadata)
        if mysql_stmt_bind_result(handle, row.binds.first) != 0 { throw failure() }
        var rows: [SQLRow] = []
        while true {
            switch mysql_stmt_fetch(handle) {
            case 0: rows.append(row.value)
            case MYSQL_NO_DATA: return rows
            case MYSQL_DATA_TRUNCATED: throw SQLError(.other, "a value did not fit its buffer", statement: sql)
            default: throw failure()
            }
        }
    }

    func execute(_ arguments: [SQLValue]) throws(SQLError) -> Int {
        try send(arguments)
        defer { mysql_stmt_free_result(handle) }
        if mysql_stmt_field_count(handle) > 0 {
            if mysql_stmt_store_result(handle) != 0 { throw failure() }
            return Int(mysql_stmt_num_rows(handle))
        }
        return Int(clamping: mysql_stmt_affected_rows(handle))
    }

    private func send(_ arguments: [SQLValue]) throws(SQLError) {
        let needed = mysql_stmt_param_count(handle)
        guard needed == arguments.count else {
            throw SQLError(.statement, "\(needed) arguments are needed, but \(arguments.count) were given", statement: sql)
        }
        let parameters = MariaDBBinds(count: arguments.count)
        for (index, argument) in arguments.enumerated() { parameters.set(index, argument) }
        if !arguments.isEmpty, mysql_stmt_bind_param(handle, parameters.first) != 0 { throw failure() }
        // The library reads the values in place: they live until the server has them.
        let status = withExtendedLifetime(parameters) { mysql_stmt_execute(handle) }
        if status != 0 { throw failure() }
    }

    private func failure() -> SQLError {
        SQLError(mariadb: mysql_stmt_errno(handle), mysql_stmt_error(handle), statement: sql)
    }
}
