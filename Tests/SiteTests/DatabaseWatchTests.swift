import Foundation
import Glibc
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite(.timeLimit(.minutes(10))) struct DatabaseWatchTests {
    /// The watch alone, without its thread: the kernel queues an event before the write that caused it returns, so what
    /// follows needs no waiting.
    private func watch(_ test: TestSite) throws -> DatabaseWatch {
        guard let watch = DatabaseWatch(path: test.fixture.databasePath, hangup: 0) else { throw NoWatch() }
        return watch
    }

    private struct NoWatch: Error {}

    @Test(arguments: ["delete", "truncate", "persist", "wal"])
    func commitsOfOthersAreHeard(mode: String) async throws {
        let test = try await TestSite()
        // As a site's own settings may have it; in a transaction SQLite would refuse it.
        try test.shell("PRAGMA journal_mode = \(mode)")
        let watch = try watch(test)
        #expect(watch.readEvents() == false)
        _ = try await test.post()
        #expect(watch.readEvents() == true)
        #expect(watch.readEvents() == false)
    }

    @Test func readersAreNotHeard() async throws {
        let test = try await TestSite()
        _ = try await test.post()
        let watch = try watch(test)
        _ = try await test.waiting()
        _ = try await test.another().close()
        #expect(watch.readEvents() == false)
    }

    @Test func otherFilesOfTheFolderAreNotHeard() async throws {
        let test = try await TestSite()
        let watch = try watch(test)
        for name in [".a.part", ".database.sqlite", "database.sqlite.bak", "xdatabase.sqlite", "database.sqlite-shm", "b"] {
            let file = URL(fileURLWithPath: test.fixture.root + "/database/" + name)
            try Data("x".utf8).write(to: file)
            try FileManager.default.moveItem(at: file, to: file.appendingPathExtension("moved"))
            try FileManager.default.removeItem(at: file.appendingPathExtension("moved"))
        }
        #expect(watch.readEvents() == false)
        _ = try await test.post()
        #expect(watch.readEvents() == true)
    }

    @Test func aFolderThatGoesAwayEndsTheWatch() async throws {
        let test = try await TestSite()
        let watch = try watch(test)
        try FileManager.default.moveItem(atPath: test.fixture.root + "/database", toPath: test.fixture.root + "/moved")
        #expect(watch.readEvents() == nil)
    }

    @Test func theStreamFiresAtOnceAndOnEveryCommit() async throws {
        let test = try await TestSite()
        var signals = await test.site.wakeups().makeAsyncIterator()
        #expect(await signals.next() != nil)
        for _ in 0..<3 {
            let file = try await test.post()
            // A burst may be told in parts; the file is there by the last of them.
            repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(file.id)
        }
    }

    /// The journal lies beside the file, not beside the link.
    @Test func aLinkedDatabaseIsHeard() async throws {
        let test = try await TestSite()
        let link = test.fixture.root + "/link.sqlite"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: test.fixture.databasePath)
        var settings = test.site.settings
        settings.database = .sqlite(path: link)
        let site = try await Site.open(settings)
        var signals = await site.wakeups().makeAsyncIterator()
        #expect(await signals.next() != nil)
        _ = try await test.post()
        #expect(await signals.next() != nil)
        await site.close()
    }

    @Test func theStreamGoesOnInTheFolderThatTakesThePlace() async throws {
        let test = try await TestSite()
        var signals = await test.site.wakeups().makeAsyncIterator()
        #expect(await signals.next() != nil)
        let folder = test.fixture.root + "/database"
        try FileManager.default.moveItem(atPath: folder, toPath: test.fixture.root + "/moved")
        try FileManager.default.copyItem(atPath: test.fixture.root + "/moved", toPath: folder)
        let file = try await test.post()
        repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(file.id)
    }

    /// The link leads to another file by now, in another folder.
    @Test func aLinkThatIsTurnedIsFollowed() async throws {
        let test = try await TestSite()
        let link = test.fixture.root + "/link.sqlite", other = test.fixture.root + "/other"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: test.fixture.databasePath)
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        var settings = test.site.settings
        settings.database = .sqlite(path: link)
        let site = try await Site.open(settings)
        var signals = await site.wakeups().makeAsyncIterator()
        #expect(await signals.next() != nil)
        try FileManager.default.copyItem(atPath: test.fixture.databasePath, toPath: other + "/b.sqlite")
        try FileManager.default.createSymbolicLink(atPath: link + ".new", withDestinationPath: other + "/b.sqlite")
        #expect(rename(link + ".new", link) == 0)
        let elsewhere = try SQLiteDatabase(path: other + "/b.sqlite")
        try await elsewhere.write { session in
            try session.execute("INSERT INTO fs_configs (item_key, item_value, item_type) VALUES ('turned', 'yes', 'string')")
        }
        repeat { #expect(await signals.next() != nil) } while try await site.configuration("turned") != "yes"
        #expect(site.incidents.replacement?.count == 1)
        await site.close()
    }

    @Test func theStreamEndsWhereNothingCanBeWatched() async throws {
        var signals = DatabaseWatch.signals(path: "/nowhere/at/all.sqlite").makeAsyncIterator()
        while await signals.next() != nil {}
    }

    @Test func aConsumerThatIsCancelledEndsIt() async throws {
        let test = try await TestSite()
        let site = test.site
        let consumer = Task { for await _ in await site.wakeups() {} }
        consumer.cancel()
        await consumer.value
    }
}
