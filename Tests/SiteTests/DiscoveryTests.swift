import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite struct DiscoveryTests {
    @Test(arguments: TestSite.kinds)
    func whatIsPublishedIsFound(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let post = try await test.post()
        let comment = try await test.fixture.publish(nil, as: .comment, name: "voice.mp3").file
        let message = try await test.fixture.publish(nil, as: .message, name: "voice.m4a").file
        #expect(try await test.waiting() == [message.id, comment.id, post.id])
    }

    /// A draft's usage, then the post, then the post's usage: until the last, there is nothing to do.
    @Test(arguments: TestSite.kinds)
    func aPostIsFoundWhenItsUsageIsThereAndNoSooner(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        for place in [Place.post, .comment] {
            let file = try await test.fixture.upload(nil, for: place)
            #expect(try await test.waiting() == [])
            let id = try await test.fixture.write(place)
            #expect(try await test.waiting() == [])
            try await test.fixture.attach(file, to: place, id)
            #expect(try await test.waiting() == [file.id])
            try await test.run("UPDATE {files} SET transcoding_state = 3")
        }
    }

    /// No event tells of these orders; the conditions find them all the same.
    @Test(arguments: TestSite.kinds)
    func noOrderOfRowsLosesAFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let post = try await test.fixture.write(.post)
        // The usage before the file's row.
        try await test.run(
            """
            INSERT INTO {file_usages} (file_id, file_type, usage_type, platform_id, table_name, table_column, table_id)
            VALUES (1, 2, 6, 4, 'posts', 'id', \(post))
            """)
        #expect(try await test.waiting() == [])
        let first = try await test.fixture.upload(nil, for: .message)
        #expect(first.id == 1)
        #expect(try await test.waiting() == [1])
        // Attached to a post published long ago.
        let second = try await test.fixture.upload(nil)
        try await test.fixture.attach(second, to: .post, post)
        #expect(try await test.waiting() == [second.id, 1])
        // The message before its file is said to be uploaded.
        let third = try await test.fixture.upload(nil, for: .message)
        try await test.run("UPDATE {files} SET is_enabled = FALSE WHERE id = \(third.id)")
        try await test.fixture.send(third, usage: false)
        #expect(try await test.waiting() == [second.id, 1])
        try await test.run("UPDATE {files} SET is_enabled = TRUE WHERE id = \(third.id)")
        #expect(try await test.waiting() == [third.id, second.id, 1])
    }

    @Test(arguments: TestSite.kinds, [true, false])
    func messagesAreFoundByTheFileTheyName(kind: FixtureSite.Settings, usage: Bool) async throws {
        let test = try await TestSite(kind)
        let file = try await test.fixture.upload(nil, for: .message, name: "voice.m4a")
        #expect(try await test.waiting() == [])
        let message = try await test.fixture.send(file, usage: usage)
        #expect(try await test.waiting() == [file.id])
        try await test.run("UPDATE {conversation_messages} SET deleted_at = '2026-01-01 00:00:00' WHERE id = \(message)")
        try await test.run("UPDATE {file_usages} SET deleted_at = '2026-01-01 00:00:00'")
        #expect(try await test.waiting() == [])
    }

    @Test(arguments: TestSite.kinds)
    func othersAreLeftAlone(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        for decoy in Decoy.all(kind.edition) where decoy != .physicallyDeleted {
            try await test.fixture.place(decoy, media: #filePath)
        }
        let gone = try await test.post()
        try await test.run("UPDATE {files} SET physical_deletion = TRUE WHERE id = \(gone.id)")
        #expect(try await test.waiting() == [])
        #expect(try await test.site.unfinished() == 0)
        #expect(try await test.site.backlog() == 0)
        #expect(try await test.site.counts().waiting == 0)
    }

    @Test(arguments: TestSite.databases, ["users", "post_logs", "comment_logs", "extends", "configs"])
    func usagesOfOtherTablesDoNotCount(database: SQLDialect, table: String) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        try await test.run("UPDATE {file_usages} SET table_name = \(table) WHERE file_id = \(file.id)")
        #expect(try await test.waiting() == [])
    }

    @Test(arguments: TestSite.databases, [0, 2, 3, 4])
    func onlyStateOneWaits(database: SQLDialect, state: Int) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        try await test.run("UPDATE {files} SET transcoding_state = \(state) WHERE id = \(file.id)")
        #expect(try await test.waiting() == [])
    }

    /// Editing a post soft-deletes its usages and makes new ones; one file can have many.
    @Test(arguments: TestSite.databases)
    func anEditedPostsFilesAreFoundOnce(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let (file, post) = try await test.fixture.publish(nil, as: .post)
        try await test.fixture.attach(file, to: .post, try await test.fixture.write(.post))
        #expect(try await test.waiting() == [file.id])
        try await test.fixture.edit(post: post, files: [])
        #expect(try await test.waiting() == [file.id])
        try await test.run("UPDATE {file_usages} SET deleted_at = '2026-01-01 00:00:00' WHERE file_id = \(file.id)")
        #expect(try await test.waiting() == [])
        try await test.fixture.edit(post: post, files: [file])
        #expect(try await test.waiting() == [file.id])
    }

    /// However many wait, so many are looked at: whoever came last, and whoever waits longest.
    @Test(arguments: TestSite.databases)
    func theNewestAndTheOldestAreLookedAt(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        var ids: [Int64] = []
        for _ in 0..<5 { ids.append(try await test.post().id) }
        #expect(try await test.site.waiting(limit: 1).map(\.file.id) == [ids[4], ids[0]])
        #expect(try await test.site.waiting(limit: 3).map(\.file.id) == ids.reversed(), "none of them twice")
    }

    @Test(arguments: TestSite.kinds)
    func aMessagesFileIsKnownAsSuchAndSinceWhenItWaits(kind: FixtureSite.Settings) async throws {
        let moment = Date()
        let test = try await TestSite(kind, now: { moment })
        let post = try await test.post()
        let message = try await test.fixture.publish(nil, as: .message, name: "voice.m4a").file
        let silent = try await test.fixture.upload(nil, for: .message, name: "film.mp4")
        try await test.fixture.send(silent, usage: false)
        let hourAgo = try SiteClock(timeZone: test.site.settings.timeZone).text(moment - 3600)
        try await test.fixture.set("created_at", hourAgo, file: post.id)
        let waiting = try await test.site.waiting(limit: 9)
        #expect(Set(waiting.filter(\.isMessage).map(\.file.id)) == [message.id, silent.id])
        let waited = try #require(waiting.first { $0.file.id == post.id }).waited
        #expect((3600...3601).contains(waited), "\(waited)")
    }

    // MARK: since

    @Test(arguments: TestSite.kinds)
    func sinceLeavesTheBacklogOut(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let old = try await test.post()
        let moved = try await test.post()
        try await test.run("UPDATE {files} SET created_at = '2020-01-01 00:00:00'")
        try await test.run("UPDATE {file_usages} SET created_at = '2020-01-01 00:00:00'")
        let new = try await test.post()
        let since = try Date("2025-01-01T00:00:00Z", strategy: .iso8601)
        #expect(try await test.waiting(since: since) == [new.id])
        #expect(try await test.site.counts(since: since).waiting == 1)
        #expect(try await test.site.unfinished(since: since) == 1)
        #expect(try await test.site.backlog(since: since) == 1)
        #expect(try await test.site.backlog() == 3)
        // An old file in a new post is new.
        try await test.fixture.attach(moved, to: .post, try await test.fixture.write(.post))
        #expect(try await test.waiting(since: since) == [new.id, moved.id])
        // A job that was begun by hand is finished, whatever its age.
        let claim = try #require(try await test.claim(old))
        #expect(try await test.site.handBack(claim))
        #expect(try await test.waiting(since: since) == [new.id, moved.id, old.id])
    }

    @Test(arguments: TestSite.databases)
    func sinceIsInTheApplicationsTimeZone(database: SQLDialect) async throws {
        let test = try await TestSite(.init(timeZone: "Asia/Singapore", database: database))
        let file = try await test.post()
        try await test.run("UPDATE {files} SET created_at = '2026-03-01 08:00:00'")
        try await test.run("UPDATE {file_usages} SET created_at = '2020-01-01 00:00:00'")
        #expect(try await test.waiting(since: Date("2026-03-01T00:00:00Z", strategy: .iso8601)) == [file.id])
        #expect(try await test.waiting(since: Date("2026-03-01T00:00:01Z", strategy: .iso8601)) == [])
    }
}
