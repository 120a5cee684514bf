import Foundation
import Jobs
import SQL
import Site
import SiteFixture
import TestSupport
import Testing
import Verdicts
@testable import Notifications

/// The outbox on each database: what is told, by whom, and in which order.
@Suite struct OutboxTests {
    private static let databases = SQLDialect.allCases.filter {
        $0 == .sqlite || ProcessInfo.processInfo.environment["DATABASES_\($0.rawValue.uppercased())"] != nil
    }

    private let incident = Incident(cause: "disk-full", code: "disk-full", sentence: "The disk is full.", detail: "write: ENOSPC", file: .init(id: 7, fid: "abc"), isOfHost: false)

    private func use(_ database: SQLDialect, _ body: (_ place: JobSite, _ one: Outbox, _ other: Outbox) async throws -> Void) async throws {
        let place = try await JobSite(.init(database: database))
        let sites = [try await Site.open(SiteSettings.read(siteFolder: place.fixture.root)), try await Site.open(SiteSettings.read(siteFolder: place.fixture.root))]
        _ = try await sites[0].prepare()
        let outboxes = zip(sites, ["one", "other"]).map { Outbox(site: $0, host: $1) }
        #expect(try await outboxes[0].prepare(dryRun: true).count == 1)
        #expect(try await outboxes[0].prepare().count == 1)
        #expect(try await outboxes[1].prepare() == [])
        let result: Result<Void, any Error>
        do { result = .success(try await body(place, outboxes[0], outboxes[1])) } catch { result = .failure(error) }
        for site in sites { await site.close() }
        try? await place.fixture.remove()
        try result.get()
    }

    private func age(_ place: JobSite, by milliseconds: Int64) async throws {
        let table = place.fixture.table("transcoder_notices")
        try await place.fixture.database.write { session in
            _ = try session.execute("update \(table) set due_at = due_at - \(milliseconds), created_at = created_at - \(milliseconds), next_at = next_at - \(milliseconds)")
        }
    }

    @Test(arguments: databases) func aCauseIsToldOnceAnHourByOneHost(database: SQLDialect) async throws {
        try await use(database) { place, one, other in
            // Both at the same moment, again and again.
            let told = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<10 { group.addTask { try await (index % 2 == 0 ? one : other).add(incident, to: .webhook) } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(told == 1)
            let first = try #require(try await one.claim([.webhook, .command], lease: .seconds(60)))
            #expect(try await other.claim([.webhook, .command], lease: .seconds(60)) == nil, "another host has it")
            let message = try #require(try JSONSerialization.jsonObject(with: Data(first.body)) as? [String: Any])
            #expect(message["kind"] as? String == "failure" && message["cause"] as? String == "disk-full" && message["failures"] as? Int == 1)
            #expect((message["file"] as? [String: Any])?["id"] as? Int == 7 && message["detail"] as? String == "write: ENOSPC")
            #expect(try await one.settle(first))
            #expect(try await other.claim([.webhook], lease: .seconds(60)) == nil)

            try await age(place, by: 3_600_000)
            #expect(try await other.add(incident, to: .webhook))
            let second = try #require(try await other.claim([.webhook], lease: .seconds(60)))
            let again = try #require(try JSONSerialization.jsonObject(with: Data(second.body)) as? [String: Any])
            #expect(again["failures"] as? Int == 10 && again["since"] as? String == message["since"] as? String && again["host"] as? String == "other")
            #expect(again["id"] as? String != message["id"] as? String)
        }
    }

    @Test(arguments: databases) func aLostClaimChangesNothing(database: SQLDialect) async throws {
        try await use(database) { place, one, other in
            #expect(try await one.add(incident, to: .command))
            let lost = try #require(try await one.claim([.command], lease: .zero))
            try await until("its lease is over") { try await other.claim([.command], lease: .seconds(60)) != nil }
            #expect(try await !one.settle(lost))
            #expect(try await !one.postpone(lost), "and does not end the other's")
            let table = place.fixture.table("transcoder_notices")
            let open = try await place.fixture.database.read { session in try session.query("select count(*) as n from \(table) where ended_at is null").first?.int("n") }
            #expect(open == 1)
        }
    }

    @Test(arguments: databases) func theEndIsSentAfterTheBeginning(database: SQLDialect) async throws {
        try await use(database) { place, one, other in
            #expect(try await one.add(incident, to: .webhook))
            let open = try #require(try await other.open([.webhook]).first)
            #expect(open.cause == "disk-full" && open.code == "disk-full" && open.fileID == 7 && open.host == nil)
            #expect(try await other.end(open))
            #expect(try await !one.end(open))
            #expect(try await one.open([.webhook]) == [])
            let first = try #require(try await one.claim([.webhook], lease: .seconds(60)))
            #expect(try await one.postpone(first))
            #expect(try await one.claim([.webhook], lease: .seconds(60)) == nil, "the second waits for the first")
            let wait = try #require(try await one.nextDue([.webhook]))
            #expect(wait <= 2000)
            try await age(place, by: 10_000)
            let retried = try #require(try await other.claim([.webhook], lease: .seconds(60)))
            #expect(retried.id == first.id && retried.body == first.body && retried.attempts == 2)
            #expect(try await other.settle(retried))
            let last = try #require(try await other.claim([.webhook], lease: .seconds(60)))
            let message = try #require(try JSONSerialization.jsonObject(with: Data(last.body)) as? [String: Any])
            #expect(message["kind"] as? String == "recovery" && message["cause"] as? String == "disk-full")

            // It begins again within the hour, and ends before anybody was told.
            #expect(try await other.settle(last))
            #expect(try await one.add(incident, to: .webhook))
            #expect(try await one.claim([.webhook], lease: .seconds(60)) == nil)
            let reopened = try #require(try await one.open([.webhook]).first)
            #expect(try await !one.end(reopened))
            #expect(try await one.open([.webhook]) == [])
            #expect(try await one.nextDue([.webhook]) == nil)
        }
    }

    @Test(arguments: databases) func whatNobodyCouldSendForADayIsGivenUp(database: SQLDialect) async throws {
        try await use(database) { place, one, _ in
            #expect(try await one.add(incident, to: .webhook))
            try await age(place, by: 86_400_001)
            let old = try #require(try await one.claim([.webhook], lease: .seconds(60)))
            #expect(try await !one.postpone(old))
            #expect(try await one.claim([.webhook], lease: .seconds(60)) == nil)
            try await one.clean()
        }
    }

    /// Whatever a row holds.
    @Test(arguments: databases) func aRowOfNonsenseTrapsNobody(database: SQLDialect) async throws {
        try await use(database) { place, one, _ in
            #expect(try await one.add(incident, to: .webhook))
            let table = place.fixture.table("transcoder_notices")
            for number in [Int64.min, -1, Int64.max] {
                try await place.fixture.database.write { session in
                    _ = try session.execute("update \(table) set number = \(number), failures = \(number), since = \(number), due_at = \(number), attempts = \(number), token = \(number)")
                }
                _ = try? await one.add(incident, to: .webhook)
                _ = try? await one.claim([.webhook], lease: .seconds(60))
                for open in (try? await one.open([.webhook])) ?? [] { _ = try? await one.end(open) }
                _ = try? await one.nextDue([.webhook])
            }
        }
    }

    @Test(arguments: databases) func whatFailsIsOverWhenItsFilesAreThrough(database: SQLDialect) async throws {
        try await use(database) { place, one, _ in
            let site = one.site
            let file = try await place.publish(nil)
            let start = Date(timeIntervalSinceNow: -60)
            let owner = Owner(host: "here", bootID: "boot", pid: 100, startTime: 1)
            func claim() async throws -> Claim { try #require(try await site.claim(file.id, path: file.path, owner: owner, lease: .seconds(60), early: true)) }
            #expect(try await site.fail(try await claim(), Verdict(.diskFull), retryAfter: .seconds(600)))
            #expect(try await site.hasFailing(code: "disk-full", since: start, last: nil))
            #expect(try await !site.hasFailing(code: "io", since: start, last: nil))
            #expect(try await !site.hasFailing(code: "disk-full", since: Date(timeIntervalSinceNow: 3600), last: nil))
            let again = try await claim()
            #expect(try await site.hasFailing(code: "disk-full", since: start, last: file.id), "its retry is not over")
            #expect(try await site.succeed(again, FileResult(newPath: nil, posterPath: nil, mime: "video/mp4", extension: "mp4", size: 1, sha256: String(repeating: "a", count: 64), duration: 1)))
            #expect(try await !site.hasFailing(code: "disk-full", since: start, last: file.id))
        }
    }
}
