import Foundation
import Synchronization
import Testing

@testable import SQL

/// Getting to a server, and being refused.
@Suite(.timeLimit(.minutes(10))) struct ConnectingTests {
    private func error(_ dialect: SQLDialect, _ server: ServerLogin) async -> SQLError? {
        let database = TestDatabase.connect(dialect, server)
        do {
            _ = try await database.read { try $0.query("SELECT 1") }
            return nil
        } catch {
            return error as? SQLError
        }
    }

    @Test(arguments: TestDatabase.servers)
    func aWrongPasswordIsDeniedAndNotTold(dialect: SQLDialect) async throws {
        var server = try #require(TestDatabase.administrator(of: dialect))
        server.password = SQLPassword("wrong-one")
        let error = try #require(await error(dialect, server))
        #expect(error.code == .denied && !error.isTransient)
        #expect(!String(describing: error).contains("wrong-one") && String(describing: error).hasSuffix("."))
    }

    @Test(arguments: TestDatabase.servers)
    func whatIsNotThereIsSaid(dialect: SQLDialect) async throws {
        var server = try #require(TestDatabase.administrator(of: dialect))
        server.database = "no_such_database"
        #expect(await error(dialect, server)?.code == .missing)
        server.port = 1
        #expect(await error(dialect, server)?.code == .gone)
        server.host = "no-such-host.invalid"
        #expect(await error(dialect, server)?.code == .gone)
    }

    @Test(arguments: TestDatabase.servers)
    func aUserWithFewRightsIsDenied(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        var server = try #require(test.server)
        server.user = String(server.database.prefix(30))
        let user: Query = dialect == .mariadb ? "'\(sql: server.user)'@'%'" : "\(sql: server.user)"
        try await database.define(
            dialect == .mariadb ? "CREATE USER \(user) IDENTIFIED BY 'few'" : "CREATE ROLE \(user) LOGIN PASSWORD 'few'")
        try await database.define("GRANT SELECT ON things TO \(user)")
        server.password = SQLPassword("few")
        let few = TestDatabase.connect(dialect, server)
        #expect(try await few.read { try $0.query("SELECT * FROM things") }.isEmpty)
        #expect(await code { try await few.write { try $0.execute("DELETE FROM things") } } == .denied)
        #expect(await code { try await few.define("CREATE INDEX heavy ON things (weight)") } == .denied)
        await few.close()
        if dialect == .postgresql { try await database.define("REVOKE ALL ON things FROM \(user)") }
        try await database.define("DROP \(dialect == .mariadb ? "USER" : "ROLE") \(user)")
    }

    // MARK: ways

    private func cipher(_ dialect: SQLDialect, _ server: ServerLogin) async throws -> String? {
        let database = TestDatabase.connect(dialect, server)
        let sql: Query =
            dialect == .mariadb
            ? "SELECT variable_value AS cipher FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'"
            : "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        let cipher = try await database.read { try $0.query(sql).first?.text("cipher") }
        return cipher?.isEmpty == true ? nil : cipher
    }

    @Test(arguments: TestDatabase.servers)
    func encryptionIsAsAskedFor(dialect: SQLDialect) async throws {
        var server = try #require(TestDatabase.administrator(of: dialect))
        let authority = try #require(TestDatabase.authority())
        let other = TestDatabase.authority("OTHER_AUTHORITY")
        server.encryption = .off
        #expect(try await cipher(dialect, server) == nil)
        for encryption in [SQLEncryption.preferred, .required, .authority(authority)] {
            server.encryption = encryption
            #expect(try await cipher(dialect, server) != nil, "\(encryption)")
        }
        // The certificate is localhost's, and not 127.0.0.1's.
        for encryption in [SQLEncryption.host(authority: authority), .authority(other), .host(authority: other), .authority(nil)] {
            server.encryption = encryption
            #expect(await error(dialect, server)?.code == .denied, "\(encryption)")
        }
        server.host = "localhost"
        server.socket = dialect == .mariadb ? TestDatabase.socket(of: dialect) : nil
        if dialect == .postgresql {
            server.encryption = .host(authority: authority)
            #expect(try await cipher(dialect, server) != nil)
        }
    }

    @Test(arguments: TestDatabase.servers)
    func aUnixSocketWillDo(dialect: SQLDialect) async throws {
        var server = try #require(TestDatabase.administrator(of: dialect))
        let socket: String = try #require(TestDatabase.socket(of: dialect))
        server.socket = socket
        server.host = "no-such-host.invalid"
        let database = TestDatabase.connect(dialect, server)
        let sql: Query =
            dialect == .mariadb ? "SELECT SUBSTRING_INDEX(USER(), '@', -1) = 'localhost' AS here" : "SELECT inet_client_addr() IS NULL AS here"
        #expect(try await database.read { try $0.query(sql).first?.bool("here") } == true)
    }

    @Test(arguments: TestDatabase.servers)
    func theServersOwnSettingsStay(dialect: SQLDialect) async throws {
        let server = try #require(TestDatabase.administrator(of: dialect))
        let database = TestDatabase.connect(dialect, server)
        if dialect == .mariadb {
            let row = try await database.read {
                try $0.query("SELECT @@sql_mode = @@global.sql_mode AS mode, @@time_zone = @@global.time_zone AS zone, @@character_set_client AS letters").first
            }
            #expect(row?.bool("mode") == true && row?.bool("zone") == true && row?.text("letters") == "utf8mb4")
        } else {
            let row = try await database.read {
                try $0.query("SELECT current_setting('application_name') AS name, current_setting('client_encoding') AS letters").first
            }
            #expect(row?.text("name") == "transcoder" && row?.text("letters") == "UTF8")
        }
    }

    // MARK: backoff

    @Test func aServerThatRefusesIsNotHammered() throws {
        let backoff = Backoff(pause: .seconds(600))
        #expect(throws: Never.self) { try backoff.check() }
        backoff.failed(SQLError(.gone, "refused"))
        #expect { try backoff.check() } throws: { ($0 as? SQLError)?.message == "refused" }
        backoff.succeeded()
        #expect(throws: Never.self) { try backoff.check() }
        let brief = Backoff(pause: .zero)
        brief.failed(SQLError(.gone, "refused"))
        #expect(throws: Never.self) { try brief.check() }
    }

    /// Its callers get the last error at once while it is too early for another attempt.
    @Test func aPoolConnectsToAServerThatRefusesNoMoreThanTheBackoffAllows() async throws {
        let attempts = Mutex(0)
        let pool = ConnectionPool(limit: 1, timeouts: SQLTimeouts(), backoff: Backoff(pause: .seconds(600))) { _ throws(SQLError) in
            attempts.withLock { $0 += 1 }
            throw SQLError(.gone, "refused")
        }
        for _ in 0..<20 {
            await #expect { try await pool.transaction(.reading) { _ in } } throws: { ($0 as? SQLError)?.message == "refused" }
        }
        #expect(attempts.withLock(\.self) == 1)
        await pool.close()
    }
}
