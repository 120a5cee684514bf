import CMariaDB
/// One connection through libmariadb, on its pool's thread.
final class MariaDBConnection: ServerConnection {
    /// Created in `init`, destroyed in `close`; used on one thread in between, as libmariadb requires.
    private let handle: UnsafeMutablePointer<MYSQL>
    private(set) var isUsable = true
    private var prepared: [String: MariaDBStatement] = [:]
    /// The program has fewer statements; the server keeps memory for each.
    private static let preparedLimit = 200

    /// The library's global initialisation, which must not run twice concurrently.
    private static let isReady = mysql_server_init(0, nil, nil) == 0

    init(_ server: ServerLogin, _ timeouts: SQLTimeouts) throws(SQLError) {
        guard Self.isReady, let handle = mysql_init(nil) else { throw SQLError(.io, "out of memory") }
        self.handle = handle
        option(MYSQL_OPT_CONNECT_TIMEOUT, seconds: timeouts.connecting)
        option(MYSQL_OPT_READ_TIMEOUT, seconds: timeouts.silence)
        option(MYSQL_OPT_WRITE_TIMEOUT, seconds: timeouts.silence)
        option(MYSQL_SET_CHARSET_NAME, "utf8mb4")
        option(MYSQL_OPT_LOCAL_INFILE, number: 0)  // Or a server could ask for our files.
        mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "transcoder")
        encrypt(server.encryption)
        // Count matched rows, not changed ones. The host localhost means the Unix socket, as in PHP.
        let connected = mysql_real_connect(
            handle, server.socket == nil ? server.host : nil, server.user, server.password.text, server.database,
            UInt32(server.port), server.socket, UInt(CLIENT_FOUND_ROWS))
        do throws(SQLError) {
            if connected == nil {
                throw SQLError(mariadb: mysql_errno(handle), mysql_error(handle), statement: nil, isConnecting: true)
            }
            if server.encryption.isDemanded, mysql_get_ssl_cipher(handle) == nil {
                throw SQLError(.denied, "the server does not support encryption")
            }
            try set(timeouts)
        } catch {
            mysql_close(handle)
            throw error
        }
    }

    private func option(_ option: mysql_option, number: UInt32) {
        var number = number
        mysql_options(handle, option, &number)
    }

    private func option(_ option: mysql_option, seconds: Duration) {
        self.option(option, number: UInt32(clamping: max(1, (seconds.milliseconds + 999) / 1000)))
    }

    private func option(_ option: mysql_option, _ text: String) {
        text.withCString { _ = mysql_options(handle, option, $0) }
    }

    private func option(_ option: mysql_option, flag: Bool) {
        var flag: my_bool = flag ? 1 : 0
        mysql_options(handle, option, &flag)
    }

    private func encrypt(_ encryption: SQLEncryption) {
        // From 3.4 on (Debian 13), the library verifies by itself, and for that demands TLS of every server.
        option(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag: false)
        switch encryption {
        case .off: break
        case .preferred: mysql_ssl_set(handle, nil, nil, nil, nil, nil)
        case .required: option(MYSQL_OPT_SSL_ENFORCE, flag: true)
        case .authority(let file):
            option(MYSQL_OPT_SSL_ENFORCE, flag: true)
            option(MYSQL_OPT_SSL_CA, file ?? Self.authorities)
        case .host(let file):
            option(MYSQL_OPT_SSL_ENFORCE, flag: true)
            option(MYSQL_OPT_SSL_CA, file ?? Self.authorities)
            option(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, flag: true)
        }
    }

    private static let authorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Settings that a foreign server may have changed. Its `sql_mode` and time zone stay: the application's rows are written
    /// under them.
    private func set(_ timeouts: SQLTimeouts) throws(SQLError) {
        let locks = max(1, (timeouts.locks.milliseconds + 999) / 1000)
        let statements = Double(timeouts.statements.milliseconds) / 1000
        try command("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        try command("SET SESSION autocommit = 1, innodb_lock_wait_timeout = \(locks), lock_wait_timeout = \(locks)")
        do {
            // A session that holds a lock and goes silent is disconnected.
            try command(
                "SET SESSION max_statement_time = \(statements), idle_transaction_timeout = \(timeouts.silence.components.seconds + 1)")
        } catch where isUsable {
            // MySQL has neither; there the client's own timeout must suffice.
        }
        do {
            // Otherwise a million usages are collected to look for one of them.
            try command("SET SESSION optimizer_switch = 'exists_to_in=off'")
        } catch where isUsable {
            // MySQL does not do that.
        }
    }

    // MARK: transactions

    func begin(_ access: SQLAccess) throws(SQLError) {
        try command("START TRANSACTION \(access == .reading ? "READ ONLY" : "READ WRITE")")
    }

    func commit() throws(SQLError) { try command("COMMIT") }
    func rollback() throws(SQLError) { try command("ROLLBACK") }

    private func command(_ sql: String) throws(SQLError) {
        if mysql_real_query(handle, sql, UInt(sql.utf8.count)) != 0 { throw failure(sql) }
    }

    // MARK: statements

    func query(_ query: Query) throws(SQLError) -> [SQLRow] {
        try run(query) { statement throws(SQLError) in try statement.query(query.values) }
    }

    func execute(_ query: Query) throws(SQLError) -> Int {
        try run(query) { statement throws(SQLError) in try statement.execute(query.values) }
    }

    private func run<T>(_ query: Query, _ body: (MariaDBStatement) throws(SQLError) -> T) throws(SQLError) -> T {
        let sql = query.text(for: .mariadb)
        do {
            return try body(try prepare(sql))
        } catch {
            prepared[sql] = nil  // What it still holds is let go with it.
            if error.code == .gone { isUsable = false }
            throw error
        }
    }

    private func prepare(_ sql: String) throws(SQLError) -> MariaDBStatement {
        if let known = prepared[sql] { return known }
        if prepared.count >= Self.preparedLimit { prepared = [:] }
        let statement = try MariaDBStatement(handle, sql)
        prepared[sql] = statement
        return statement
    }

    private func failure(_ sql: String) -> SQLError {
        let error = SQLError(mariadb: mysql_errno(handle), mysql_error(handle), statement: sql)
        if error.code == .gone { isUsable = false }
        return error
    }

    func close() {
        prepared = [:]
        mysql_close(handle)
    }
}

extension SQLError {
    /// - Parameter text: the library's own, copied here.
    init(mariadb number: UInt32, _ text: UnsafePointer<CChar>?, statement: String?, isConnecting: Bool = false) {
        let message = text.map { String(cString: $0) } ?? ""
        self.init(
            MariaDBFailure.code(number, message, isConnecting: isConnecting),
            message.isEmpty ? "error \(number)" : MariaDBFailure.message(message, number), statement: statement)
    }
}

extension SQLEncryption {
    fileprivate var isDemanded: Bool {
        switch self {
        case .off, .preferred: false
        case .required, .authority, .host: true
        }
    }
}
