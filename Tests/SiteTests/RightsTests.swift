import Foundation
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite struct RightsTests {
    private let needed = [
        NeededRight(table: "fs_files", verbs: [.select, .update]), NeededRight(table: "fs_configs", verbs: [.select]),
    ]

    @Test func whatIsNeededIsWhatTheStatementsDo() async throws {
        let test = try await TestSite()
        let rights = Dictionary(uniqueKeysWithValues: test.site.neededRights.map { ($0.table, $0.verbs) })
        #expect(rights["fs_files"] == [.select, .update] && rights["fs_file_usages"] == [.select])
        #expect(rights["fs_transcoder_jobs"]?.count == 4 && rights["fs_cache"] == nil)
        try test.fixture.setEnvironment("CACHE_STORE=database")
        let other = try await test.another()
        #expect(other.neededRights.contains(NeededRight(table: "fs_cache", verbs: [.select, .delete])))
        await other.close()
    }

    @Test func aFileIsAllThatSQLiteKnowsOfUsers() async throws {
        let test = try await TestSite()
        #expect(try await test.site.rights() == RightsReport())
        chmod(test.fixture.databasePath, 0o666)
        #expect(try await test.site.rights().surplus.first?.contains("every user") == true)
        chmod(test.fixture.databasePath, 0o644)
        chmod(test.fixture.root + "/database", 0o777)
        #expect(try await test.site.rights().surplus.first?.contains("every user") == true)
        #expect(SQLiteRights.report(path: "/nowhere/x.sqlite").missing.count == 3)
    }

    /// As docs/databases.md has them: all that the daemon does is done with these, and the doctor finds nothing to say.
    @Test(arguments: TestSite.kinds.filter { $0.database != .sqlite })
    func theDocumentedRightsSuffice(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        try await test.fixture.fillTableCache(["x_fresns_detail_post_1_en", "x_fresns_detail_post_2_en"])
        let file = try await test.post()
        let other = try await test.post()
        let name = "worker_" + UUID().uuidString.prefix(8).lowercased()
        let isMariaDB = kind.database == .mariadb
        let user: Query = isMariaDB ? "'\(sql: name)'@'%'" : "\(sql: name)"
        func run(_ sql: Query) async throws { try await test.fixture.database.define(sql) }
        try await run(isMariaDB ? "CREATE USER \(user) IDENTIFIED BY 'pass'" : "CREATE ROLE \(user) LOGIN PASSWORD 'pass'")
        for (verbs, table) in [
            ("SELECT, UPDATE", "files"), ("SELECT", "file_usages"), ("SELECT", "configs"), ("SELECT", "conversation_messages"),
            ("SELECT", "posts"), ("SELECT", "comments"),
            ("SELECT, INSERT, UPDATE, DELETE", "transcoder_jobs"), ("SELECT, DELETE", "cache"),
        ] { try await run("GRANT \(sql: verbs) ON \(test.fixture.table(table)) TO \(user)") }
        try test.fixture.setEnvironment("CACHE_STORE=database\nCACHE_PREFIX=x_\nDB_USERNAME=\(name)\nDB_PASSWORD=pass")
        let site = try await test.another()
        #expect(try await site.rights() == RightsReport())

        #expect(try await site.prepare() == [])
        try await site.checkWritable()
        #expect(try await site.waiting(limit: 10).count == 2)
        for (upload, succeeds) in [(file, true), (other, false)] {
            let path = try await test.fixture.file(upload.id).path
            let claim = try #require(try await site.claim(upload.id, path: path, owner: TestSite.me, lease: .seconds(60)))
            #expect(try await site.renew(claim, lease: .seconds(60)))
            #expect(try await site.willPublish(claim, output: "videos/new.mp4", workNames: ["videos/.a.part"]))
            if succeeds { #expect(try await site.succeed(claim, TestSite.result())) }
        }
        #expect(try await site.reclaimLost(isAlive: { _ in false }, thisHost: "here") == [other.id])
        _ = try await site.cancel(other.id)
        _ = try await site.retry(other.id)
        for leftover in try await site.leftovers(limit: 10) { try await site.forget(leftover.paths, of: leftover.fileID) }
        _ = try await site.counts()
        _ = try await site.retire(after: -1, limit: 10, originalsAfter: .zero, isRemovable: { _ in true })
        for stale in try await site.staleDetails(limit: 10) {
            try await site.drop(site.cachedEntries(of: stale.fileID), fromTable: "cache", prefixes: ["x_"])
            try await site.dropped(stale)
        }
        #expect(try await test.fixture.tableCache().isEmpty)
        _ = try await site.information(of: try #require(try await site.file(id: file.id)))

        let files = test.fixture.tableName("files")
        try await run("REVOKE UPDATE ON \(sql: files) FROM \(user)")
        try await run("GRANT DELETE ON \(sql: files) TO \(user)")
        await site.close()
        let again = try await test.another()
        #expect(try await again.rights() == RightsReport(missing: ["UPDATE on \(files)"], surplus: ["DELETE on \(files)"]))
        await again.close()
        // Whoever may do everything is told so, and no more.
        let all = try await test.site.rights()
        #expect(all.missing.isEmpty && all.surplus.contains { $0.contains("superuser") || $0.contains("every database") }, "\(all)")
    }

    @Test func whatMariaDBGrantsIsUnderstood() {
        func report(_ lines: String...) -> RightsReport { MariaDBGrants(lines: lines).report(needed, database: "my_site") }
        let usage = "GRANT USAGE ON *.* TO `worker`@`localhost` IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'"
        #expect(
            report(
                usage, "GRANT SELECT, UPDATE ON `my_site`.`fs_files` TO `worker`@`localhost`",
                "GRANT SELECT ON `my_site`.`fs_configs` TO `worker`@`localhost`") == RightsReport())
        #expect(
            report(usage, "GRANT SELECT, UPDATE (`path`, `size`) ON `my_site`.`fs_files` TO `worker`@`%`").missing
                == ["UPDATE on fs_files", "SELECT on fs_configs"])
        #expect(
            report(usage, "GRANT SELECT, UPDATE, DELETE ON `my_site`.`fs_files` TO `w`@`%`", "GRANT SELECT ON `my_site`.`fs_configs` TO `w`@`%`")
                == RightsReport(surplus: ["DELETE on fs_files"]))
        let all = report(usage, #"GRANT ALL PRIVILEGES ON `my\_site`.* TO `worker`@`localhost` WITH GRANT OPTION"#)
        #expect(all.missing.isEmpty && all.surplus == ["ALL PRIVILEGES on the whole database my_site", "GRANT OPTION"])
        #expect(report("GRANT SELECT, UPDATE ON `my%`.* TO `w`@`%`").missing.isEmpty)
        #expect(report("GRANT SELECT, UPDATE ON `other`.* TO `w`@`%`").missing.count == 3)
        #expect(report("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION").surplus.first?.contains("every database") == true)
        #expect(!"\(report(usage))".contains("2470C0C0"))
    }
}

@Suite struct SiteFactsTests {
    @Test func whatTheSiteIsSetTo() async throws {
        let test = try await TestSite()
        #expect(try await test.site.disk(of: "video") == "local")
        #expect(try await test.site.handlePositions() == [])
        try await test.run("UPDATE {configs} SET item_value = 'path-end' WHERE item_key = 'video_poster_handle_position'")
        #expect(try await test.site.handlePositions() == ["video_poster_handle_position"])
        #expect(abs(try await test.site.clockDifference()) < 5)
    }

    /// The application writes its times in another zone than its `.env` says.
    @Test func anUploadInTheFutureIsSeen() async throws {
        let test = try await TestSite()
        #expect(try await test.site.uploadsAhead() == 0, "none yet")
        _ = try await test.post()
        #expect(try await test.site.uploadsAhead() < 5)
        try test.fixture.setEnvironment("APP_TIMEZONE=America/New_York")
        let site = try await test.another()
        #expect(try await site.uploadsAhead() > 11 * 3600)
        await site.close()
    }
}
