import Foundation
import SQL
import SiteFixture
import Testing

/// A site on SQLite whose database is restored from copies, again and again, while the daemon works. The site is another
/// program, Python's, so that the daemon's own care for the file is not what keeps it whole.
@Suite(.serialized) struct ReplacementTests {
    private struct Account: Decodable {
        var errors: [String]
        var commits: Int
        var rows: Int
        var integrity: String
        var uploads: [Int64]
    }

    /// 200 commits, ten restores, one death in the midst of a transaction, and an upload after each restore.
    @Test(arguments: ["delete", "wal"])
    func aSiteThatIsRestoredAgainAndAgainIsServed(mode: String) async throws {
        try await Workplace.use { place in
            let script = Built.packageRoot + "/fixtures/sqlite/replacing-writer.py"
            try await place.daemon { daemon in
                let writer = try await Program.run(
                    "python3",
                    [
                        "-B", script, place.site.databasePath, mode, "locked", "200", "10", Built.media + "/old-phone.3gp",
                        place.site.storagePath, place.site.settings.prefix,
                    ])
                #expect(writer.status == 0, "\(writer.errors)")
                let account = try JSONDecoder().decode(Account.self, from: Data(writer.output.utf8))
                #expect(account.errors == [])
                #expect(account.commits == 200 && account.rows == 200 && account.integrity == "ok" && account.uploads.count == 10)
                for id in account.uploads {
                    try await until("upload \(id) is done") { try await place.site.file(id).state == 3 }
                }
                let status = try await place.run("status", "--json")
                #expect(status.output.contains("The database file was replaced at "))
                let doctor = try await place.run("doctor")
                #expect((doctor.output + doctor.errors).contains("The database file was replaced at "))
                try await stop(daemon)
            }
            let check = try await Program.run("sqlite3", [place.site.databasePath, "PRAGMA integrity_check"])
            #expect(check.output == "ok\n")
            #expect(place.site.hiddenFiles() == [])
        }
    }
}
