import Foundation
import Site
import SiteFixture
import SQL
import Synchronization
import TestSupport
import Testing
@testable import Execution
@testable import HTTPAPI

/// What is answered, on a real site.
@Suite(.timeLimit(.minutes(10))) struct NotificationHandlerTests {
    private struct Reply: Decodable {
        var files: [NotificationResponse.File]?
        var woken: Bool
        var error: String?
    }

    private final class Wakes: Sendable {
        let count = Mutex(0)
    }

    private func ask(
        _ context: WorkerContext, _ table: String, _ id: Int64, change: String = "created", since: Date? = nil, wakes: Wakes = Wakes()
    ) async throws -> Reply {
        let desk = NotificationHandler(site: context.site, since: { since }) { wakes.count.withLock { $0 += 1 } }
        let body = #"{"tableName":"\#(table)","primaryId":\#(id),"changeType":"\#(change)"}"#
        let answer = await desk.answer(Array(body.utf8))
        #expect(answer.status == 200 && answer.json.last == UInt8(ascii: "\n"))
        #expect(wakes.count.withLock { $0 } == 1)
        return try JSONDecoder().decode(Reply.self, from: Data(answer.json))
    }

    @Test(arguments: Edition.allCases)
    func theFilesOfARowAndWhetherTheyAreTakenUp(edition: Edition) async throws {
        let site = try await JobSite(.init(edition: edition))
        let context = try await site.context(site.configuration())
        let (file, post) = try await site.fixture.publish(nil, as: .post, name: "a.mp4")
        let reply = try await ask(context, "posts", post)
        #expect(reply.files == [.init(id: file.id, fid: file.fid, state: "waiting", taken: true)] && reply.woken)
        #expect(try await ask(context, "posts", post, since: .distantFuture).files?.first?.taken == false)

        _ = try await context.site.claim(file.id, path: file.path, owner: context.owner, lease: .seconds(60))
        #expect(try await ask(context, "posts", post, change: "updated").files?.first?.state == "running")
        #expect(try await ask(context, "posts", post).files?.first?.taken == true)
        for (state, word) in [(3, "done"), (4, "failed"), (9, "unknown")] {
            try await site.fixture.set("transcoding_state", String(state), file: file.id)
            let told = try #require(try await ask(context, "posts", post).files?.first)
            #expect(told.state == word && !told.taken && told.reason == nil)
        }
        try await site.fixture.set("transcoding_state", "1", file: file.id)
        try await site.fixture.set(edition == .v3 ? "is_enabled" : "is_enabled", "0", file: file.id)
        let disabled = try #require(try await ask(context, "posts", post).files?.first)
        #expect(!disabled.taken && disabled.reason == "File \(file.id) is disabled.")
        await context.site.close()
    }

    @Test func aPostWithoutFilesYetWakesAllTheSame() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let post = try await site.fixture.write(.post)
        let reply = try await ask(context, "posts", post)
        #expect(reply.files == [] && reply.woken)
        #expect(try await ask(context, "comments", 4711, change: "deleted").files == [])
        await context.site.close()
    }

    @Test func whatIsNotUnderstoodWakesNobody() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        let desk = NotificationHandler(site: context.site, since: { nil }) { Issue.record("woken") }
        let answer = await desk.answer(Array("{}".utf8))
        #expect(answer.status == 400 && answer.woken == false)
        #expect(String(decoding: answer.json, as: UTF8.self) == #"{"error":"tableName must be a table's name.","woken":false}"# + "\n")
        await context.site.close()
    }

    @Test func aDatabaseThatIsGoneIsSaidAndWokenFor() async throws {
        let site = try await JobSite()
        let context = try await site.context(site.configuration())
        await context.site.close()
        let desk = NotificationHandler(site: context.site, since: { nil }) {}
        let answer = await desk.answer(Array(#"{"tableName":"posts","primaryId":1,"changeType":"created"}"#.utf8))
        #expect(answer.status == 503 && answer.woken && answer.error?.isEmpty == false)
    }
}
