import SQL
import SiteFixture
import Testing

/// Many processes at one queue: `make bench-claims`, smaller.
@Suite(.serialized)
struct ClaimTests {
    @Test(arguments: Workplace.databases)
    func fourProcessesClaimEachFileOnce(database: SQLDialect) async throws {
        let result = try await Program.run(
            Built.folder + "/claim-bench",
            ["claims", "--database", database.rawValue, "--processes", "4", "--files", "500", "--arrivals", "50"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.hasPrefix("| \(database.rawValue) | 4 | 500 |"), "\(result.output)")
    }
}
