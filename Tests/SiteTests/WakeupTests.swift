import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

/// Waking where a server is the database. The longest pause is an hour: no look that is only late is taken for one in time.
@Suite(.timeLimit(.minutes(10))) struct WakeupTests {
    /// Each server as it is without triggers, and PostgreSQL with them.
    struct Way: CustomTestStringConvertible, Sendable {
        let database: SQLDialect
        let edition: Edition
        let triggers: Bool

        static let all = TestSite.databases.filter { $0 != .sqlite }.flatMap { database in
            (database == .postgresql ? [false, true] : [false]).map { Way(database: database, edition: $0 ? .v2 : .v3, triggers: $0) }
                + (database == .postgresql ? [Way(database: database, edition: .v3, triggers: true)] : [])
        }
        var testDescription: String { "\(database) \(edition)\(triggers ? " with triggers" : "")" }

        func site() async throws -> TestSite {
            let test = try await TestSite(.init(edition: edition, database: database))
            if triggers {
                guard case .done(let statements) = try await test.site.installTriggers() else { throw NotInstalled() }
                #expect(!statements.isEmpty)
            }
            #expect(try await test.site.hasTriggers() == triggers)
            return test
        }
    }

    struct NotInstalled: Error {}

    private func wakeups(_ site: Site, hints: AsyncStream<Void> = AsyncStream { _ in }) async -> AsyncStream<Void>.Iterator {
        await site.wakeups(poll: { .seconds(3600) }, hints: hints).makeAsyncIterator()
    }

    @Test(arguments: Way.all.filter { $0.edition == .v3 })
    func anUploadThatWasAnnouncedIsToldWhenItComes(way: Way) async throws {
        let test = try await way.site()
        let file = try await test.fixture.place(.notUploaded, media: #filePath)
        var signals = await wakeups(test.site)
        #expect(await signals.next() != nil, "once when begun")
        try await test.run("UPDATE {files} SET is_uploaded = TRUE WHERE id = \(file.id)")
        repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(file.id)
    }

    @Test(arguments: Way.all)
    func everyWayOfBecomingWorkIsTold(way: Way) async throws {
        let test = try await way.site()
        let file = try await test.fixture.upload(nil, for: .post)
        let post = try await test.fixture.write(.post)
        var signals = await wakeups(test.site)
        #expect(await signals.next() != nil, "once when begun")

        try await test.fixture.attach(file, to: .post, post)
        repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(file.id)

        let message = try await test.fixture.upload(nil, for: .message)
        try await test.fixture.send(message, usage: false)
        repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(message.id)

        let claim = try #require(try await test.claim(file))
        #expect(try await test.another().cancel(file.id) == .obeyed("File \(file.id), running in process 100 on here, is cancelled."))
        repeat { #expect(await signals.next() != nil) } while try await test.site.doubtful(among: [claim]).isEmpty

        guard case .obeyed = try await test.another().retry(file.id) else { throw NotInstalled() }
        repeat { #expect(await signals.next() != nil) } while try await !test.waiting().contains(file.id)
    }

    @Test(arguments: Way.all)
    func aConsumerThatIsCancelledEndsIt(way: Way) async throws {
        let site = try await way.site().site
        let consumer = Task { for await _ in await site.wakeups(poll: { .seconds(3600) }) {} }
        consumer.cancel()
        await consumer.value
    }
}

/// How it is looked where nothing tells, with looks of the tests' own.
@Suite(.timeLimit(.minutes(10))) struct ChangePollTests {
    @Test func onlyAChangeIsTold() async throws {
        let counter = Counter()
        let poll = ChangePoll(
            look: {
                let count = await counter.next()
                if count == 3 { throw SQLError(.gone, "away") }
                return [count < 5 ? 1 : 2]
            }, longest: { .milliseconds(1) }, hints: AsyncStream { _ in })
        var signals = poll.signals().makeAsyncIterator()
        #expect(await signals.next() != nil)
        #expect(await signals.next() != nil)
        // The fifth look is the first that differs; the third found nobody there.
        #expect(await counter.value >= 5)
    }

    @Test func aHintIsFollowedByALook() async throws {
        let (hints, hint) = AsyncStream.makeStream(of: Void.self)
        let counter = Counter()
        let poll = ChangePoll(
            look: {
                let count = await counter.next()
                return [count < 2 ? 1 : 2]
            }, longest: { .seconds(3600) }, hints: hints, quietSince: .now - .seconds(86400))
        // After a day of quiet the next look is an hour away, but for the hint.
        var signals = poll.signals().makeAsyncIterator()
        #expect(await signals.next() != nil)
        hint.yield()
        #expect(await signals.next() != nil)
    }

    private actor Counter {
        private(set) var value = 0
        func next() -> Int {
            value += 1
            return value
        }
    }
}
