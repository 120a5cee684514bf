import CPostgreSQL
import Glibc

/// One connection by libpq, on its pool's thread. libpq is asked never to block, so that a silent server cannot hold the
/// thread for longer than it is waited for.
final class PostgreSQLConnection: ServerConnection {
    /// Made in `init`, ended in `close`; used in between on one thread, as libpq demands.
    private let handle: OpaquePointer
    private let silence: Duration
    private(set) var isUsable = true
    private var prepared: [String: (name: String, count: Int)] = [:]
    /// The program knows fewer statements; a server keeps a plan for each.
    private static let preparedLimit = 200

    init(_ server: SQLServer, _ patience: SQLPatience) throws(SQLError) {
        var parameters = [
            "host": server.socket ?? server.host, "port": String(server.port), "dbname": server.database, "user": server.user,
            "password": server.password.text, "application_name": "transcoder", "client_encoding": "UTF8",
            "gssencmode": "disable",
            // A host that vanished is noticed in about a minute, and not in two hours.
            "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000",
        ]
        switch server.encryption {
        case .off: parameters["sslmode"] = "disable"
        case .preferred: parameters["sslmode"] = "prefer"
        case .required: parameters["sslmode"] = "require"
        case .authority(let file):
            parameters["sslmode"] = "verify-ca"
            parameters["sslrootcert"] = file ?? PostgreSQLConnection.authorities
        case .host(let file):
            parameters["sslmode"] = "verify-full"
            parameters["sslrootcert"] = file ?? PostgreSQLConnection.authorities
        }
        guard let handle = Self.start(parameters) else { throw SQLError(.io, "out of memory") }
        self.handle = handle
        silence = patience.silence
        do {
            try connect(deadline: .now + patience.connecting)
            try set(server, patience)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    /// Debian's; libpq 15 knows no word for it.
    private static let authorities = "/etc/ssl/certs/ca-certificates.crt"

    private static func start(_ parameters: [String: String]) -> OpaquePointer? {
        let pairs = parameters.filter { !$0.value.isEmpty }
        // Copies that live until libpq has made its own, ended by a null pointer as it asks.
        var keys = pairs.map { UnsafePointer(strdup($0.key)) } + [nil]
        var values = pairs.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer { for copy in keys + values { free(UnsafeMutablePointer(mutating: copy)) } }
        return PQconnectStartParams(&keys, &values, 0)
    }

    private func connect(deadline: ContinuousClock.Instant) throws(SQLError) {
        // Verbose, so that a refusal holds its SQLSTATE, which does not depend on the server's language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if state == PGRES_POLLING_FAILED { throw PostgreSQLFailure.connection(String(cString: PQerrorMessage(handle))) }
            guard wait(forWriting: state == PGRES_POLLING_WRITING, deadline) else {
                throw SQLError(.gone, "the server did not take the connection in time")
            }
            state = PQconnectPoll(handle)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        // "Relation already exists, skipping" is nothing for standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        PQsetnonblocking(handle, 1)
    }

    /// What a foreign database may have set otherwise. Whoever holds a lock and says nothing any more is sent away.
    private func set(_ server: SQLServer, _ patience: SQLPatience) throws(SQLError) {
        let path = server.searchPath.split(separator: ",")
            .map { SQLDialect.postgresql.name($0.filter { $0 != " " && $0 != "\"" }) }.joined(separator: ", ")
        let settings = [
            "search_path = \(path)", "DateStyle = 'ISO, YMD'", "IntervalStyle = 'postgres'",
            "standard_conforming_strings = on",
            "statement_timeout = \(patience.statements.milliseconds)", "lock_timeout = \(patience.locks.milliseconds)",
            "idle_in_transaction_session_timeout = \(patience.statements.milliseconds)",
        ]
        try command(settings.map { "SET \($0)" }.joined(separator: "; "))
    }

    // MARK: transactions

    func begin(_ access: SQLAccess) throws(SQLError) {
        try command("BEGIN ISOLATION LEVEL READ COMMITTED \(access == .reading ? "READ ONLY" : "READ WRITE")")
    }

    func commit() throws(SQLError) { try command("COMMIT") }
    func rollback() throws(SQLError) { try command("ROLLBACK") }

    private func command(_ sql: String) throws(SQLError) {
        guard PQsendQuery(handle, sql) == 1 else { throw broken() }
        PQclear(try answer(to: sql))
    }

    // MARK: statements

    func query(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> [SQLRow] {
        let result = try run(sql, arguments)
        defer { PQclear(result) }
        return PostgreSQLAnswer(result: result).rows
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> Int {
        let result = try run(sql, arguments)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// The caller clears the result.
    private func run(_ sql: String, _ arguments: [SQLValue]) throws(SQLError) -> OpaquePointer {
        let statement = try prepare(sql)
        guard statement.count == arguments.count else {
            throw SQLError(.statement, "\(statement.count) arguments are needed, and \(arguments.count) were given", statement: sql)
        }
        // Texts all, of types that the server makes out itself from where they stand: so a whole number may be meant for a
        // smallint, a boolean or a varchar, as in the other databases. Copies that live until the statement is sent.
        var values = arguments.map { UnsafePointer($0.parameter.flatMap { strdup($0) }) }
        defer { for copy in values { free(UnsafeMutablePointer(mutating: copy)) } }
        guard PQsendQueryPrepared(handle, statement.name, Int32(values.count), &values, nil, nil, 0) == 1 else {
            throw broken(sql)
        }
        return try answer(to: sql)
    }

    private func prepare(_ sql: String) throws(SQLError) -> (name: String, count: Int) {
        if let known = prepared[sql] { return known }
        if prepared.count >= Self.preparedLimit {
            try command("DEALLOCATE ALL")
            prepared = [:]
        }
        let translated = PostgreSQLPlaceholders(sql)
        serial += 1
        let name = "s\(serial)"
        guard PQsendPrepare(handle, name, translated.sql, 0, nil) == 1 else { throw broken(sql) }
        PQclear(try answer(to: sql))
        prepared[sql] = (name, translated.count)
        return (name, translated.count)
    }

    private var serial = 0

    // MARK: waiting

    /// The result of what was sent, which the caller clears. Throws what the server refused.
    private func answer(to sql: String) throws(SQLError) -> OpaquePointer {
        let deadline = ContinuousClock.now + silence
        var last: OpaquePointer?
        while true {
            try arrive(deadline, sql)
            guard let result = PQgetResult(handle) else { break }
            if let earlier = last {
                // The first refusal is the one that tells.
                if Self.isRefusal(earlier) {
                    PQclear(result)
                    continue
                }
                PQclear(earlier)
            }
            last = result
            if PQresultStatus(result) == PGRES_COPY_IN || PQresultStatus(result) == PGRES_COPY_OUT { break }
            // A connection that ended answers the same for ever.
            if PQstatus(handle) == CONNECTION_BAD { break }
        }
        guard let last else { throw broken(sql) }
        switch PQresultStatus(last) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return last
        default: break
        }
        defer { PQclear(last) }
        throw refusal(last, sql)
    }

    private static func isRefusal(_ result: OpaquePointer) -> Bool {
        PQresultStatus(result) == PGRES_FATAL_ERROR || PQresultStatus(result) == PGRES_BAD_RESPONSE
    }

    /// Sends what is still to be sent, and waits until a result is there.
    private func arrive(_ deadline: ContinuousClock.Instant, _ sql: String) throws(SQLError) {
        while true {
            let unsent = PQflush(handle)
            // What the server said before it closed the connection may still be there to be read.
            if unsent == 0 || PQstatus(handle) == CONNECTION_BAD, PQisBusy(handle) == 0 { return }
            guard PQsocket(handle) >= 0 else { throw broken(sql) }
            guard wait(forWriting: unsent == 1, deadline) else {
                isUsable = false
                throw SQLError(.gone, "the server has not answered in time", statement: sql)
            }
            if PQconsumeInput(handle) == 0 {
                if PQisBusy(handle) == 0 { return }
                throw broken(sql)
            }
        }
    }

    /// Blocks. False: the time is up.
    private func wait(forWriting: Bool, _ deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            if left <= .zero { return false }
            let events = POLLIN | (forWriting ? POLLOUT : 0)
            var polled = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let count = poll(&polled, 1, Int32(clamping: left.milliseconds + 1))
            if count > 0 || (count < 0 && errno != EINTR) { return true }
        }
    }

    // MARK: errors

    private func refusal(_ result: OpaquePointer, _ sql: String) -> SQLError {
        func field(_ letter: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
        }
        let state = field("C")
        var code = PostgreSQLFailure.code(state: state)
        if PQstatus(handle) == CONNECTION_BAD { code = .gone }
        let status = PQresultStatus(result)
        // A plan for a table that was changed meanwhile, a prepared statement that somebody took away, a COPY: none of these
        // is to be gone on from, and all is well on a new connection.
        if state == "0A000" && field("R") == "RevalidateCachedQuery" || state == "26000" || status == PGRES_COPY_IN
            || status == PGRES_COPY_OUT
        {
            code = .gone
        }
        if code == .gone { isUsable = false }
        let message = field("M") ?? firstLine(String(cString: PQresultErrorMessage(result)))
        return SQLError(code, PostgreSQLFailure.message(message, state: state), statement: sql)
    }

    private func broken(_ sql: String? = nil) -> SQLError {
        isUsable = false
        return SQLError(.gone, firstLine(String(cString: PQerrorMessage(handle))), statement: sql)
    }

    private func firstLine(_ text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? "it broke"
    }

    func close() { PQfinish(handle) }
}

extension SQLValue {
    /// As PostgreSQL reads it; nil for NULL. Its texts hold no NUL, so that is left out.
    fileprivate var parameter: String? {
        switch self {
        case .null: nil
        case .integer(let value): String(value)
        case .real(let value): String(value)
        // Which a boolean, a number and a text all take.
        case .boolean(let value): value ? "1" : "0"
        case .text(let value): value.utf8.contains(0) ? String(value.unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : value
        }
    }
}
