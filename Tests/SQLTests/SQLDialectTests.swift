import Foundation
import SQL
import Testing

@Suite struct SQLDialectTests {
    @Test(arguments: ["plain", "with space", "with \" quote", "order"])
    func quotedNamesAreTakenAsTheyAre(name: String) async throws {
        let folder = try TemporaryFolder()
        let database = try folder.database()
        try await database.write { session in
            _ = try session.execute("CREATE TABLE \(SQLDialect.sqlite.name(name)) (id INTEGER)")
        }
        #expect(try await database.columns(of: name)?.map(\.name) == ["id"])
    }

    @Test func theDatabasesClockIsInMilliseconds() async throws {
        let folder = try TemporaryFolder()
        let database = try folder.database()
        let before = Date()
        let rows = try await database.read { try $0.query("SELECT \(SQLDialect.sqlite.milliseconds) AS now") }
        let now = Date(timeIntervalSince1970: Double(try #require(rows[0].int("now"))) / 1000)
        #expect(now > before.addingTimeInterval(-0.01) && now < Date().addingTimeInterval(0.01))
    }
}

@Suite struct SQLRowTests {
    let row = SQLRow(
        columns: ["n", "t", "w", "d", "yes", "no", "word"],
        values: [.null, "12", .integer(12), .real(12), true, .integer(0), "twelve"])

    @Test func gettersConvertWhatIsMeant() {
        #expect(row.int("t") == 12 && row.int("w") == 12 && row.int("d") == 12 && row.int("yes") == 1)
        #expect(row.int("n") == nil && row.int("word") == nil)
        #expect(row.text("w") == "12" && row.text("n") == nil)
        #expect(row.bool("yes") == true && row.bool("no") == false && row.bool("w") == true && row.bool("n") == nil)
        #expect(row.real("w") == 12 && row.real("word") == nil)
    }
}
