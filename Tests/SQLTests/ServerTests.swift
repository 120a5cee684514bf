import Foundation
import SiteFixture
import Testing

@testable import SQL

/// What only a server can do: refuse, forget, kill, deadlock.
@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    private func id(_ dialect: SQLDialect) -> Query { dialect == .mariadb ? "CONNECTION_ID()" : "pg_backend_pid()" }
    private func pause(_ dialect: SQLDialect) -> Query { dialect == .mariadb ? "SLEEP(60)" : "pg_sleep(60)" }

    private func kill(_ id: Int64, _ database: any SQLDatabase) async throws {
        let sql: Query = database.dialect == .mariadb ? "KILL \(id)" : "SELECT pg_terminate_backend(\(id))"
        _ = try await database.read { try $0.query(sql) }
    }

    // MARK: connections that end

    @Test(arguments: TestDatabase.servers)
    func aConnectionKilledInAStatementIsGoneAndTheNextCallWorks(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things(), other = try test.connect()
        let (ids, tell) = AsyncStream.makeStream(of: Int64.self)
        let id = id(dialect), pause = pause(dialect)
        async let victim = code {
            try await database.write { session in
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
                tell.yield(try session.query("SELECT \(id) AS id").first?.int("id") ?? 0)
                tell.finish()
                _ = try session.query("SELECT \(pause)")
            }
        }
        for await id in ids { try await kill(id, other) }
        #expect(await victim == .gone)
        #expect(SQLError(.gone, "").isTransient)
        #expect(try await database.write { try $0.execute("INSERT INTO things (id, name) VALUES (1, 'a')") } == 1)
    }

    /// As after a night with nothing to do: nobody hears of it.
    @Test(arguments: TestDatabase.servers)
    func aConnectionThatEndedWhileItWasIdleIsMadeAgain(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect(connections: 1), other = try test.connect()
        let question: Query = "SELECT \(id(dialect)) AS id"
        let first = try #require(try await database.read { try $0.query(question).first?.int("id") })
        try await kill(first, other)
        // A server says that it has killed when it has told the other to end.
        let left: Query =
            dialect == .mariadb
            ? "SELECT 1 FROM information_schema.processlist WHERE id = \(first)"
            : "SELECT 1 FROM pg_stat_activity WHERE pid = \(first)"
        while try await !other.read({ try $0.query(left) }).isEmpty {}
        let second = try #require(try await database.write { try $0.query(question).first?.int("id") })
        #expect(second != first)
    }

    @Test(arguments: TestDatabase.servers)
    func aCommitCutOffHasAnUnknownOutcome(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        var server = try #require(test.server)
        let proxy = try CuttingProxy(to: UInt16(server.port), cutAt: "COMMIT")
        server.port = Int(proxy.port)
        server.encryption = .off
        let cut = TestDatabase.connect(dialect, server)
        let code = await code {
            try await cut.write { try $0.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        }
        #expect(code == .unknownOutcome)
        #expect(SQLError(.unknownOutcome, "").isTransient)
        // The proxy let the word through: the server has it, and kept the row.
        while try await database.read({ try $0.query("SELECT 1 FROM things") }).isEmpty {}
        // What was read is known, whatever becomes of the connection.
        #expect(try await cut.read { try $0.query("SELECT 1 FROM things") }.count == 1)
        await cut.close()
    }

    // MARK: locks

    @Test(arguments: TestDatabase.servers)
    func ofTwoThatWaitForEachOtherOneIsBusy(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        try await database.write { try $0.execute("INSERT INTO things (id, name, small) VALUES (1, 'a', 0), (2, 'b', 0)") }
        let first = Gate(), second = Gate()
        @Sendable func cross(_ one: Int, _ other: Int, open mine: Gate, pass theirs: Gate) async -> SQLError.Code? {
            await code {
                try await database.write { session in
                    try session.execute("UPDATE things SET small = small + 1 WHERE id = \(one)")
                    mine.open()
                    theirs.pass()
                    try session.execute("UPDATE things SET small = small + 1 WHERE id = \(other)")
                }
            }
        }
        async let one = cross(1, 2, open: first, pass: second)
        async let two = cross(2, 1, open: second, pass: first)
        #expect(await Set([one, two]) == [nil, .busy])
        let rows = try await database.read { try $0.query("SELECT small FROM things") }
        #expect(rows.compactMap { $0.int("small") } == [1, 1])
    }

    @Test(arguments: TestDatabase.servers)
    func aStatementThatTakesTooLongIsBusy(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        var timeouts = SQLTimeouts()
        timeouts.statements = .seconds(1)
        let database = try test.connect(timeouts: timeouts)
        let pause = pause(dialect)
        #expect(await code { try await database.read { try $0.query("SELECT \(pause) FROM (SELECT 1) one") } } == .busy)
        #expect(try await database.read { try $0.query("SELECT 1") }.count == 1)
    }

    // MARK: transactions

    /// The first failure is the transaction's, even where whoever runs it goes on as if nothing had been.
    @Test(arguments: TestDatabase.servers)
    func aFailedStatementIsTheEndOfItsTransaction(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let code = await code {
            try await database.write { session in
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
                _ = try? session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
                _ = try? session.execute("INSERT INTO things (id, name) VALUES (2, 'b')")
            }
        }
        #expect(code == .constraint)
        #expect(try await database.read { try $0.query("SELECT 1 FROM things") }.isEmpty)
    }

    @Test(arguments: TestDatabase.servers)
    func aPlanOutlivesATableThatIsChanged(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect(connections: 1)
        _ = try await test.things()
        func look() async throws -> Int { try await database.read { try $0.query("SELECT * FROM things").first?.columns.count ?? 0 } }
        try await database.write { try $0.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        #expect(try await look() == 5)
        try await database.define("ALTER TABLE things ADD COLUMN more INTEGER")
        // The old plan is refused once; the connection after it has a new one.
        let refused = await code { try await look() }
        #expect(refused == nil || refused == .gone)
        #expect(try await look() == 6)
    }

    @Test(arguments: TestDatabase.servers)
    func moreStatementsThanAreKeptAllWork(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect(connections: 1)
        for round in 0..<2 {
            let sum = try await database.read { session in
                try (1...250).reduce(into: 0) { $0 += try session.query("SELECT \(1) + \(sql: "\($1) - \($1)") AS n").first?.int("n") ?? 0 }
            }
            #expect(sum == 250, "round \(round)")
        }
    }

    // MARK: values at the columns' bounds

    @Test(arguments: TestDatabase.servers)
    func lengthsAreInCharactersAndBoundsAreKept(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let longest = String(repeating: "😀", count: 255)
        func insert(_ id: Int, _ name: String, _ small: Int) -> Query {
            "INSERT INTO things (id, name, small) VALUES (\(id), \(name), \(small))"
        }
        let fitting = insert(1, longest, 32767)
        try await database.write { try $0.execute(fitting) }
        let row = try await database.read { try $0.query("SELECT name, small FROM things").first }
        #expect(row?.text("name") == longest && row?.int("small") == 32767)
        for query in [insert(2, longest + "x", 1), insert(3, "c", 32768), insert(4, "d", -32769)] {
            #expect(await code { try await database.write { try $0.execute(query) } } == .constraint, "\(query.values[0])")
        }
    }

    @Test func mariaDBsUnsignedColumnsAreReadWhole() async throws {
        guard TestDatabase.servers.contains(.mariadb) else { return }
        let test = try await TestDatabase(.mariadb)
        let database = try test.connect()
        try await database.define("CREATE TABLE bounds (size INT UNSIGNED, length SMALLINT UNSIGNED, id BIGINT UNSIGNED, at TIMESTAMP NULL, what JSON)")
        try await database.write {
            let values: [SQLValue] = [4_294_967_295, 65535, "18446744073709551615", "2026-01-31 23:59:59", #"{"a":"😀"}"#]
            try $0.execute("INSERT INTO bounds VALUES (\(.list(values)))")
        }
        let row = try await database.read { try $0.query("SELECT * FROM bounds").first }
        #expect(row?.values == [4_294_967_295, 65535, "18446744073709551615", "2026-01-31 23:59:59", #"{"a":"😀"}"#])
    }

    @Test func postgreSQLsTypesAreTextWhereTheyAreNoNumbers() async throws {
        guard TestDatabase.servers.contains(.postgresql) else { return }
        let test = try await TestDatabase(.postgresql)
        let database = try test.connect()
        try await database.define("CREATE TABLE bounds (size INTEGER, at TIMESTAMP(0), what JSONB, which JSON, yes BOOLEAN, price NUMERIC(10, 2))")
        try await database.write {
            let values: [SQLValue] = [2_147_483_647, "2026-01-31 23:59:59", #"{"a": "😀"}"#, #"{"a":1}"#, 1, 0.5]
            try $0.execute("INSERT INTO bounds VALUES (\(.list(values)))")
        }
        let since = "2026-01-31 23:59:59"
        let row = try await database.read { try $0.query("SELECT * FROM bounds WHERE yes AND at >= \(since)").first }
        #expect(row?.values == [2_147_483_647, "2026-01-31 23:59:59", #"{"a": "😀"}"#, #"{"a":1}"#, true, 0.5])
    }
}
