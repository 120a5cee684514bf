import CPostgreSQL
import Glibc

/// One connection through libpq, on its pool's thread.
final class PostgreSQLConnection: ServerConnection {
    private let wire: PostgreSQLWire
    var isUsable: Bool { wire.isUsable }
    /// The names of the statements, by their text.
    private var prepared: [String: String] = [:]
    /// The program has fewer statements; the server keeps a plan for each.
    private static let preparedLimit = 200

    init(_ server: ServerLogin, _ timeouts: SQLTimeouts) throws(SQLError) {
        var parameters = [
            "host": server.socket ?? server.host, "port": String(server.port), "dbname": server.database, "user": server.user,
            "password": server.password.text, "application_name": "transcoder", "client_encoding": "UTF8",
            "gssencmode": "disable",
            // A vanished host is detected in about a minute, instead of two hours.
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
        wire = try PostgreSQLWire(parameters, within: timeouts.connecting, silence: timeouts.silence)
        do {
            try set(server, timeouts)
        } catch {
            wire.close()
            throw error
        }
    }

    /// Debian's CA bundle; libpq 15 has no keyword for it.
    private static let authorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Settings that a foreign database may have changed. A session that holds a lock and goes silent is disconnected.
    private func set(_ server: ServerLogin, _ timeouts: SQLTimeouts) throws(SQLError) {
        let path = server.searchPath.split(separator: ",")
            .map { SQLDialect.postgresql.quoted($0.filter { $0 != " " && $0 != "\"" }) }.joined(separator: ", ")
        let settings = [
            "search_path = \(path)", "DateStyle = 'ISO, YMD'", "IntervalStyle = 'postgres'",
            "standard_conforming_strings = on",
            "statement_timeout = \(timeouts.statements.milliseconds)", "lock_timeout = \(timeouts.locks.milliseconds)",
            "idle_in_transaction_session_timeout = \(timeouts.silence.milliseconds)",
        ]
        try command(settings.map { "SET \($0)" }.joined(separator: "; "))
    }

    // MARK: transactions

    func begin(_ access: SQLAccess) throws(SQLError) {
        try command("BEGIN ISOLATION LEVEL READ COMMITTED \(access == .reading ? "READ ONLY" : "READ WRITE")")
    }

    func commit() throws(SQLError) { try command("COMMIT") }
    func rollback() throws(SQLError) { try command("ROLLBACK") }

    /// For a connection that only waits: libpq's handle, to be used on this thread while the connection is open.
    var handle: OpaquePointer { wire.handle }

    func listen(to channel: String) throws(SQLError) { try command("LISTEN \(SQLDialect.postgresql.quoted(channel))") }

    private func command(_ sql: String) throws(SQLError) {
        guard PQsendQuery(wire.handle, sql) == 1 else { throw wire.broken() }
        PQclear(try wire.answer(to: sql))
    }

    // MARK: statements

    func query(_ query: Query) throws(SQLError) -> [SQLRow] {
        let result = try run(query)
        defer { PQclear(result) }
        return PostgreSQLAnswer(result: result).rows
    }

    func execute(_ query: Query) throws(SQLError) -> Int {
        let result = try run(query)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    /// The caller clears the result.
    private func run(_ query: Query) throws(SQLError) -> OpaquePointer {
        let sql = query.text(for: .postgresql)
        let name = try prepare(sql)
        // All as text, with types that the server infers from the context: an integer may be meant for a
        // smallint, a boolean or a varchar, as in the other databases. Copies that live until the statement is sent.
        var values = query.values.map { UnsafePointer($0.parameter.flatMap { strdup($0) }) }
        defer { for copy in values { free(UnsafeMutablePointer(mutating: copy)) } }
        guard PQsendQueryPrepared(wire.handle, name, Int32(values.count), &values, nil, nil, 0) == 1 else {
            throw wire.broken(sql)
        }
        return try wire.answer(to: sql)
    }

    private func prepare(_ sql: String) throws(SQLError) -> String {
        if let known = prepared[sql] { return known }
        if prepared.count >= Self.preparedLimit {
            try command("DEALLOCATE ALL")
            prepared = [:]
        }
        serial += 1
        let name = "s\(serial)"
        guard PQsendPrepare(wire.handle, name, sql, 0, nil) == 1 else { throw wire.broken(sql) }
        PQclear(try wire.answer(to: sql))
        prepared[sql] = name
        return name
    }

    private var serial = 0

    func close() { wire.close() }
}

extension SQLValue {
    /// In PostgreSQL's syntax; nil for NULL. Its text cannot contain NUL, so that is removed.
    fileprivate var parameter: String? {
        switch self {
        case .null: nil
        case .integer(let value): String(value)
        case .real(let value): String(value)
        // Valid for a boolean, a number and a text.
        case .boolean(let value): value ? "1" : "0"
        case .bytes(let value): "\\x" + value.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        case .text(let value): value.utf8.contains(0) ? String(value.unicodeScalars.filter { $0.value != 0 }.map(Character.init)) : value
        }
    }
}
