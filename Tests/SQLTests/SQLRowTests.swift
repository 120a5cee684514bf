import SQL
import Testing

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
