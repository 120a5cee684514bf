import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// Looks between those through everything, which come once and then not again.
@Suite struct QueueScannerTests {
    /// A lookout that has looked through everything, and will not do so again.
    private func scanner(on test: TestSite, limit: Int = 100) async throws -> (QueueScanner, [Int64]) {
        var scanner = QueueScanner()
        scanner.leastRest = .seconds(86_400)
        let first = try await scanner.waiting(on: test.site, limit: limit, since: nil).map(\.file.id)
        return (scanner, first)
    }

    private func look(_ scanner: inout QueueScanner, _ test: TestSite, limit: Int = 100) async throws -> [Int64] {
        try await scanner.waiting(on: test.site, limit: limit, since: nil).map(\.file.id)
    }

    @Test(arguments: TestSite.kinds)
    func whatComesIsFound(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let old = try await test.post()
        let draft = try await test.fixture.upload(nil)
        let unsent = try await test.fixture.upload(nil, for: .message, name: "voice.m4a")
        var (scanner, first) = try await scanner(on: test)
        #expect(first == [old.id])
        let new = try await test.post()
        #expect(try await look(&scanner, test) == [new.id, old.id])
        try await test.fixture.attach(draft, to: .post, try await test.fixture.write(.post))
        #expect(try await look(&scanner, test) == [new.id, draft.id, old.id], "a draft that is published at last")
        try await test.fixture.send(unsent, usage: false)
        #expect(Set(try await look(&scanner, test)) == [new.id, draft.id, old.id, unsent.id], "by the message alone")
        #expect(Set(try await look(&scanner, test)) == [new.id, draft.id, old.id, unsent.id], "and they stay known")
    }

    @Test(arguments: TestSite.databases)
    func whatIsTakenIsNotToldAndWhatIsGivenBackIs(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        var (scanner, _) = try await scanner(on: test)
        let claim = try #require(try await test.claim(file))
        #expect(try await look(&scanner, test) == [])
        #expect(try await test.site.handBack(claim))
        #expect(try await look(&scanner, test) == [file.id])
        let second = try #require(try await test.claim(file))
        #expect(try await test.site.fail(second, Verdict(.notConvertible), retryAt: nil))
        #expect(try await look(&scanner, test) == [])
        _ = try await test.site.retry(file.id)
        #expect(try await look(&scanner, test) == [file.id])
        let third = try #require(try await test.claim(file))
        #expect(try await test.site.fail(third, Verdict(.crash(signal: "SIGSEGV")), retryAt: Date(timeIntervalSinceNow: 900)))
        #expect(try await look(&scanner, test) == [], "its time has not come")
    }

    /// A token's upload: announced with its post, and marked when it has come. The mark is the row's only change.
    @Test(arguments: TestSite.kinds.filter { $0.edition == .v3 })
    func whatWasAnnouncedIsFoundWhenItComes(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let early = try await test.fixture.place(.notUploaded, media: #filePath)
        var (scanner, first) = try await scanner(on: test)
        #expect(first == [])
        let later = try await test.fixture.place(.notUploaded, media: #filePath)
        let image = try await test.fixture.place(.image, media: #filePath)
        #expect(try await look(&scanner, test) == [])
        for file in [later, early, image] { try await test.run("UPDATE {files} SET is_uploaded = TRUE WHERE id = \(file.id)") }
        #expect(try await look(&scanner, test) == [later.id, early.id])
        #expect(try await look(&scanner, test) == [later.id, early.id], "and they stay known")
    }

    /// More waited than was told: the rest is looked for before what was told has run out.
    @Test(arguments: TestSite.databases)
    func allOfALongQueueIsFound(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        try await test.fixture.load(Ballast(waiting: 40))
        var (scanner, waiting) = try await scanner(on: test, limit: 5)
        var claimed: Set<Int64> = []
        while let next = waiting.first {
            let path = try await test.fixture.file(next).path
            #expect(try await test.site.claim(next, path: path, owner: TestSite.me, lease: .seconds(60)) != nil)
            claimed.insert(next)
            waiting = try await look(&scanner, test, limit: 5)
        }
        #expect(claimed.count == 40)
    }

    /// Somebody sets a row by hand: nothing new tells of it.
    @Test(arguments: TestSite.databases)
    func aLookThroughEverythingFindsTheRest(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        try await test.run("UPDATE {files} SET is_enabled = FALSE")
        var (scanner, first) = try await scanner(on: test)
        #expect(first == [])
        try await test.run("UPDATE {files} SET is_enabled = TRUE")
        (scanner.leastRest, scanner.longestRest) = (.zero, .seconds(1))
        while try await look(&scanner, test).isEmpty {}
        #expect(try await look(&scanner, test) == [file.id])
    }
}
