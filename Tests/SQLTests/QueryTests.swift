import Testing

@testable import SQL

@Suite struct QueryTests {
    private let name = "x'; DROP TABLE files; --"

    @Test func valuesAreBoundAndNeverText() {
        let (wide, narrow): (Int64, Int) = (.max, -1)
        let (missing, there): (String?, Double?) = (nil, 0.5)
        let query: Query = "VALUES (\(name), \(wide), \(narrow), \(missing), \(there), \(true), \(SQLValue.bytes([0])))"
        #expect(query.text(for: .sqlite) == "VALUES (?, ?, ?, ?, ?, ?, ?)")
        #expect(query.values == [.text(name), .integer(.max), -1, .null, 0.5, true, .bytes([0])])
    }

    @Test func spliceKeepsTheOrder() {
        func isHeld(_ file: Int) -> Query { "file_id = \(file) AND token = \(file * 10)" }
        let either: Query = "(\(isHeld(1)) OR \(isHeld(2)))"
        let query: Query = "UPDATE jobs SET owner = \(name) WHERE \(either) AND state = \("running" as String)"
        #expect(query.values == [.text(name), 1, 10, 2, 20, "running"])
        for dialect in [SQLDialect.sqlite, .mariadb] {
            #expect(
                query.text(for: dialect)
                    == "UPDATE jobs SET owner = ? WHERE (file_id = ? AND token = ? OR file_id = ? AND token = ?) AND state = ?")
        }
        #expect(
            query.text(for: .postgresql)
                == "UPDATE jobs SET owner = $1 WHERE (file_id = $2 AND token = $3 OR file_id = $4 AND token = $5) AND state = $6")
    }

    @Test(arguments: [true, false])
    func literalsAreText(isLocking: Bool) {
        let column = "poster_path"
        let query: Query = "SELECT \(sql: column)\(isLocking ? " FOR UPDATE" : "")"
        #expect(query == (isLocking ? "SELECT poster_path FOR UPDATE" : "SELECT poster_path"))
        #expect(query.values.isEmpty)
    }

    /// As in PostgreSQL's operators for JSON, and in the bodies of its functions.
    @Test func questionMarksAndDollarsStayAsTheyAre() {
        let query: Query = "SELECT '?', $$ ? $1 $$, what ? 'key' FROM files WHERE id = \(7)"
        #expect(query.text(for: .postgresql) == "SELECT '?', $$ ? $1 $$, what ? 'key' FROM files WHERE id = $1")
    }

    @Test func listsAreJoined() {
        let none: [Query] = []
        #expect(none.joined(separator: ", ") == "")
        #expect(Query.list([1, 2]) == "\(1), \(2)")
        let conditions: [Query] = ["a = \(1)", "b IN (\(.list([2, 3])))"]
        #expect(conditions.joined(separator: " AND ") == "a = \(1) AND b IN (\(2), \(3))")
    }

    /// A prepared statement is found by its text.
    @Test(arguments: SQLDialect.allCases)
    func onlyTheShapeIsInTheText(dialect: SQLDialect) {
        func query(_ path: String?, _ size: Int) -> Query { "SELECT 1 FROM files WHERE path = \(path) AND size > \(size)" }
        #expect(query("a", 1).text(for: dialect) == query(nil, 2).text(for: dialect))
        #expect(query("a", 1) != query("a", 2))
    }
}
