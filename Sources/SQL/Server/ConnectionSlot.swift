/// A thread's slot for a connection, which is opened on demand and reopened when broken. Never leaves its thread.
final class ConnectionSlot {
    private let factory: ConnectionFactory
    private let timeouts: SQLTimeouts
    private let backoff: Backoff
    private var connection: (any ServerConnection)?

    init(factory: @escaping ConnectionFactory, timeouts: SQLTimeouts, backoff: Backoff) {
        self.factory = factory
        self.timeouts = timeouts
        self.backoff = backoff
    }

    func transaction<T>(_ access: SQLAccess, _ body: (any SQLSession) throws -> T) throws -> T {
        let connection = try begin(access)
        defer { if !connection.isUsable { drop() } }
        let session = ServerSession(connection: connection)
        let result: T
        do {
            result = try body(session)
            if let failure = session.failure { throw failure }
        } catch {
            // Closing the connection rolls back the rest.
            do { try connection.rollback() } catch { drop() }
            throw error
        }
        do {
            try connection.commit()
        } catch {
            // What was read stays valid, whatever happens to the connection.
            if access == .reading { return result }
            if !connection.isUsable {
                throw SQLError(.unknownOutcome, error.message, statement: error.statement)
            }
            do { try connection.rollback() } catch { drop() }
            throw error
        }
        return result
    }

    /// One DDL statement, outside any transaction, on a separate connection that waits as long as it takes.
    func define(_ definition: Query) throws {
        let connection = try connect(timeouts.forDefinitions)
        defer { connection.close() }
        _ = try connection.execute(definition)
    }

    func drop() {
        connection?.close()
        connection = nil
    }

    private func begin(_ access: SQLAccess) throws(SQLError) -> any ServerConnection {
        if let connection {
            do {
                try connection.begin(access)
                return connection
            } catch {
                if connection.isUsable { throw error }
                drop()  // It broke while it was idle. Nothing has been done yet, so a new one does.
            }
        }
        let fresh = try connect(timeouts)
        connection = fresh
        do {
            try fresh.begin(access)
        } catch {
            if !fresh.isUsable { drop() }
            throw error
        }
        return fresh
    }

    private func connect(_ timeouts: SQLTimeouts) throws(SQLError) -> any ServerConnection {
        try backoff.check()
        do {
            let fresh = try factory(timeouts)
            backoff.succeeded()
            return fresh
        } catch {
            backoff.failed(error)
            throw error
        }
    }
}

/// Lent for one transaction.
private final class ServerSession: SQLSession {
    private let connection: any ServerConnection
    /// The first statement's error. None is sent after it: PostgreSQL would refuse it, and MariaDB may have ended
    /// the transaction already, so that it would commit separately.
    private(set) var failure: SQLError?

    init(connection: any ServerConnection) { self.connection = connection }

    func query(_ query: Query) throws(SQLError) -> [SQLRow] {
        if let failure { throw failure }
        do {
            return try connection.query(query)
        } catch {
            failure = error
            throw error
        }
    }

    func execute(_ query: Query) throws(SQLError) -> Int {
        if let failure { throw failure }
        do {
            return try connection.execute(query)
        } catch {
            failure = error
            throw error
        }
    }
}
