import Foundation
import Testing

@testable import SQL

/// What every database does.
@Suite(.timeLimit(.minutes(10))) struct ConformanceTests {
    /// Says in a bare `swift test` what is not tested.
    @Test(.enabled(if: !TestDatabase.servers.isEmpty, "MariaDB and PostgreSQL are started by scripts/test.sh"))
    func bothServersAreTested() {
        #expect(TestDatabase.servers.count == 2)
    }

    // MARK: values

    @Test(arguments: TestDatabase.dialects)
    func valuesComeBackAsTheyWent(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let name = "O'Neill; -- 界 👩‍👩‍👧 \\n\n\"`?$1"
        try await database.write { session in
            let rows: [[SQLValue]] = [[.integer(.max), .text(name), 0.1, true, -32768], [.integer(.min), "", nil, false, nil]]
            for row in rows { try session.execute("INSERT INTO things (id, name, weight, ok, small) VALUES (\(.list(row)))") }
        }
        let rows = try await database.read { session in
            try session.query("SELECT id, name, weight, ok, small FROM things ORDER BY id DESC")
        }
        #expect(rows.map(\.columns) == [["id", "name", "weight", "ok", "small"], ["id", "name", "weight", "ok", "small"]])
        let yes: SQLValue = dialect == .postgresql ? true : 1, no: SQLValue = dialect == .postgresql ? false : 0
        #expect(rows[0].values == [.integer(.max), .text(name), 0.1, yes, -32768])
        #expect(rows[1].values == [.integer(.min), "", .null, no, .null])
        #expect(rows[0].bool("ok") == true && rows[1].bool("ok") == false)
        #expect(rows[1].text("nothing of this name") == nil)
    }

    /// A value is meant for the column that it goes to, or is compared with.
    @Test(arguments: TestDatabase.dialects)
    func numbersAndTextsFitWhereTheyStand(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let one = "1"
        try await database.write { session in
            try session.execute("INSERT INTO things (id, name, ok, small) VALUES (\(1), \(one), \(1), \(true))")
            try session.execute("UPDATE things SET small = small + \(2), ok = \(0) WHERE name = \(one) AND id < \(1) + 1")
        }
        let row = try await database.read { session in
            try session.query("SELECT small, ok, COALESCE(NULLIF(name, '1'), \(one + "x")) AS other FROM things LIMIT \(5)")
        }
        #expect(row.first?.int("small") == 3 && row.first?.bool("ok") == false && row.first?.text("other") == "1x")
    }

    @Test(arguments: TestDatabase.dialects)
    func questionMarksInTextsAreNoPlaceholders(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let (quoted, x) = (dialect.name("what?"), "x")
        let rows = try await database.read { session in
            try session.query(
                "SELECT 'a''?' AS a, \(x) AS b, '?' AS \(quoted) /* ? */ FROM (SELECT 1) one -- ?\nWHERE 'it''s ?' <> \(x)")
        }
        #expect(rows.first?.values == ["a'?", "x", "?"])
        #expect(rows.first?.columns.last == "what?")
        await #expect { try await database.read { try $0.query("SELECT ?") } } throws: { ($0 as? SQLError)?.code != nil }
    }

    /// MariaDB keeps a NUL, PostgreSQL cannot: there it is left out, and nothing is cut off behind it.
    @Test(arguments: TestDatabase.servers)
    func aNulCutsNothingOff(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        try await database.write { session in
            try session.execute("INSERT INTO things (id, name) VALUES (\(1), \("be\0fore and after" as String))")
        }
        let name = try await database.read { try $0.query("SELECT name FROM things").first?.text("name") }
        #expect(name?.filter { $0 != "\0" } == "before and after")
        #expect(name?.contains("\0") == (dialect != .postgresql))
    }

    @Test(arguments: TestDatabase.dialects)
    func longTextsComeWhole(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect()
        try await database.define(
            "CREATE TABLE stories (id BIGINT PRIMARY KEY, story \(dialect.longText))\(dialect.tableOptions)")
        let stories = ["", "short", String(repeating: "long 😀 ", count: 30_000), "short again"]
        try await database.write { session in
            for (id, story) in stories.enumerated() {
                try session.execute("INSERT INTO stories VALUES (\(id), \(story))")
            }
        }
        let rows = try await database.read { try $0.query("SELECT story FROM stories ORDER BY id") }
        #expect(rows.map { $0.text("story") } == stories)
    }

    @Test(arguments: TestDatabase.dialects)
    func sumsAndCountsAreWholeNumbers(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        try await database.write { session in
            for id in 1...3 { try session.execute("INSERT INTO things (id, name) VALUES (\(id), \(String(id)))") }
        }
        let row = try await database.read { session in
            try session.query("SELECT COUNT(*) AS n, SUM(id) AS s, MAX(small) AS m, AVG(id) AS a FROM things").first
        }
        #expect(row?["n"] == 3 && row?["s"] == 6 && row?["m"] == .null && row?.real("a") == 2)
    }

    // MARK: counting

    @Test(arguments: TestDatabase.dialects)
    func executeCountsWhatItMatched(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let counts = try await database.write { session in
            [
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b')"),
                try session.execute("UPDATE things SET name = name"),
                try session.execute("UPDATE things SET name = 'b' WHERE name = \("b" as String)"),
                try session.execute("UPDATE things SET name = 'c' WHERE id = 99"),
                try session.execute("DELETE FROM things WHERE id = 1"),
                try session.execute("DELETE FROM things WHERE id = 1"),
            ]
        }
        #expect(counts == [2, 2, 1, 0, 1, 0])
    }

    // MARK: transactions

    private struct Stop: Error {}

    @Test(arguments: TestDatabase.dialects)
    func aWriteThatThrowsLeavesNothing(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        await #expect(throws: Stop.self) {
            try await database.write { session in
                try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
                throw Stop()
            }
        }
        #expect(try await database.read { try $0.query("SELECT 1 FROM things") }.isEmpty)
    }

    @Test(arguments: TestDatabase.dialects)
    func aReadCannotWrite(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let code = await code {
            _ = try await database.read { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        }
        #expect(code == .readOnly)
        // And the connection writes again afterwards.
        try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
    }

    @Test(arguments: TestDatabase.dialects)
    func aCancelledTaskStillWrites(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in gate {}
            #expect(Task.isCancelled)
            try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
            return try await database.read { try $0.query("SELECT 1 FROM things") }.count
        }
        task.cancel()
        open.finish()
        #expect(try await task.value == 1)
    }

    @Test(arguments: TestDatabase.dialects)
    func manyAtOnceLoseNothing(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let first = try await test.things(), second = try test.connect()
        try await first.write { session in try session.execute("INSERT INTO things (id, name, small) VALUES (1, 'a', 0)") }
        let lock: Query = "SELECT small FROM things WHERE id = 1\(dialect.rowLock)"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                let database = number.isMultiple(of: 2) ? first : second
                group.addTask {
                    try await database.write { session in
                        let before = try session.query(lock).first?.int("small") ?? -1
                        try session.execute("UPDATE things SET small = \(before + 1) WHERE id = 1")
                    }
                }
                group.addTask { _ = try await database.read { try $0.query("SELECT * FROM things") } }
            }
            try await group.waitForAll()
        }
        #expect(try await first.read { try $0.query("SELECT small FROM things").first?.int("small") } == 60)
        await second.close()
    }

    /// Another connection, from within the first one's transaction.
    @Test(arguments: TestDatabase.dialects)
    func aHeldLockIsBusyAfterOurPatience(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        let hasty = try test.connect(timeouts: .short)
        let (held, hold) = AsyncStream.makeStream(of: Void.self)
        let done = Gate()
        async let holder: Void = database.write { session in
            try session.execute("UPDATE things SET name = 'b' WHERE id = 1")
            hold.finish()
            done.pass()
        }
        for await _ in held {}
        let code = await code {
            try await hasty.write { session in
                try session.execute("UPDATE things SET name = 'c' WHERE id = 1")
            }
        }
        done.open()
        _ = try await holder
        #expect(code == .busy)
        // Free again, it works.
        #expect(try await hasty.write { try $0.execute("UPDATE things SET name = 'c' WHERE id = 1") } == 1)
        await hasty.close()
    }

    // MARK: errors

    @Test(arguments: TestDatabase.dialects)
    func errorsSayWhatTheyAre(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        try await database.write { session in try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')") }
        for (sql, expected): (Query, SQLError.Code) in [
            ("INSERT INTO things (id, name) VALUES (2, 'a')", .constraint),
            ("INSERT INTO things (id, name) VALUES (2, NULL)", .constraint), ("SELECT 1 FROM no_table", .noTable),
            ("SELEC 1", .statement), ("SELECT no_column FROM things", .statement),
        ] {
            #expect(await code { _ = try await database.write { try $0.execute(sql) } } == expected, "\(sql.text(for: dialect))")
        }
        #expect(try await database.read { try $0.query("SELECT 1 FROM things") }.count == 1)
    }

    @Test(arguments: TestDatabase.dialects)
    func errorsNeverHoldValues(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let (name, word) = ("se'cret' for key 'x", "secret")
        var queries: [Query] = ["INSERT INTO things (id, name) VALUES (2, \(name))"]
        if dialect != .sqlite { queries.append("INSERT INTO things (name, id) VALUES ('x', \(word))") }
        for query in queries {
            await #expect {
                try await database.write { session in
                    _ = try session.execute("INSERT INTO things (id, name) VALUES (1, \(query.values[0]))")
                    _ = try session.execute(query)
                }
            } throws: { error in
                let text = String(describing: error)
                return !text.contains("cret") && text.contains(query.text(for: dialect)) && (error as? SQLError)?.code == .constraint
            }
        }
    }

    @Test(arguments: TestDatabase.dialects)
    func aClosedDatabaseIsGone(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        await database.close()
        #expect(await code { _ = try await database.read { try $0.query("SELECT 1") } } == .gone)
        await database.close()
    }

    // MARK: the schema

    @Test(arguments: TestDatabase.dialects)
    func columnsAreFoundInOrder(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let columns = try #require(try await database.columns(of: "things"))
        #expect(columns.map(\.name) == ["id", "name", "weight", "ok", "small"])
        #expect(columns.map(\.isNullable) == [dialect == .sqlite, false, true, true, true])
        #expect(
            columns[1].type == ["sqlite": "VARCHAR(255)", "mariadb": "varchar(255)"][dialect.rawValue] ?? "character varying(255)")
        #expect(try await database.columns(of: "no_table") == nil)
        #expect(try await database.columns(of: "Robert'); DROP TABLE things; --") == nil)
    }

    @Test(arguments: TestDatabase.dialects)
    func indexesAreFound(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let few = dialect.partialIndex(where: "weight IS NOT NULL")
        try await database.define("CREATE INDEX heavy ON things (weight)\(few)")
        #expect(try await database.indexes().contains("heavy"))
    }

    @Test(arguments: TestDatabase.dialects, ["plain", "with space", "with \" quote", "with ` quote", "order"])
    func quotedNamesAreTakenAsTheyAre(dialect: SQLDialect, name: String) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect()
        try await database.define("CREATE TABLE \(dialect.name(name)) (id INTEGER)")
        #expect(try await database.columns(of: name)?.map(\.name) == ["id"])
    }

    @Test(arguments: TestDatabase.dialects)
    func theDatabasesClockIsInMilliseconds(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try test.connect()
        let before = Date()
        let now = dialect.milliseconds
        let rows = try await database.read { try $0.query("SELECT \(now) AS now, \(now) + \(1000) AS later") }
        let moment = Date(timeIntervalSince1970: Double(try #require(rows[0].int("now"))) / 1000)
        #expect(moment > before.addingTimeInterval(-0.01) && moment < Date().addingTimeInterval(0.01))
        #expect(try #require(rows[0].int("later")) - (rows[0].int("now") ?? 0) == 1000)
    }

    // MARK: threads

    /// Two threads are all that Swift's own pool has here: what waits in a database must not be on them.
    @Test(arguments: TestDatabase.servers)
    func aSlowStatementHoldsUpNobody(dialect: SQLDialect) async throws {
        let test = try await TestDatabase(dialect)
        let database = try await test.things()
        let held = Gate(), done = Gate()
        async let slow: Void = database.read { session in
            held.open()
            done.pass()
            _ = try session.query("SELECT 1")
        }
        let quick = try await database.write { session in
            held.pass()
            return try session.execute("INSERT INTO things (id, name) VALUES (1, 'a')")
        }
        #expect(quick == 1)
        done.open()
        try await slow
    }
}
