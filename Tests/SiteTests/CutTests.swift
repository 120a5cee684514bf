import Foundation
import Jobs
import SQL
import SiteFixture
import Synchronization
import Testing

import Verdicts
@testable import Site

/// The connection breaks at each message of a claim and of what follows: before the server hears it, and when its answer is on
/// the way. Whoever tries again brings the file to its one end.
@Suite struct CutTests {
    static let servers = TestSite.databases.filter { $0 != .sqlite }

    enum End: CaseIterable {
        case success, failure, handBack
    }

    @Test(arguments: servers, CuttingProxy.Cut.allCases)
    func aCutAnywhereLosesNothing(database: SQLDialect, cut: CuttingProxy.Cut) async throws {
        let test = try await TestSite(.init(database: database))
        let counter = Mutex((passed: 0, cutAt: Int.max, hasCut: false))
        let proxy = try CuttingProxy(to: try #require(try test.fixture.port)) { _ in
            counter.withLock { counter in
                counter.passed += 1
                guard counter.passed == counter.cutAt else { return nil }
                counter.hasCut = true
                return cut
            }
        }
        try test.fixture.setPort(proxy.port)
        for end in End.allCases {
            var cuts = 0
            while true {
                let file = try await test.post()
                // A new connection each: it prepares its statements anew, so that each of its messages is met.
                let site = try await test.another()
                counter.withLock { $0 = (0, cuts + 1, false) }
                try await Self.work(on: site, file, end, "videos/\(file.id).mp4")
                let hasCut = counter.withLock { counter in
                    counter.cutAt = .max
                    return counter.hasCut
                }
                await site.close()
                try await Self.expectItsEnd(end, file, test, "cut \(cut) at message \(cuts + 1)")
                guard hasCut else { break }
                cuts += 1
            }
            #expect(cuts > 10, "each message of \(end) was met")
        }
        withExtendedLifetime(proxy) {}
    }

    /// As a worker does it.
    private static func work(on site: Site, _ file: Upload, _ end: End, _ output: String) async throws {
        let claim = try await claim(file, on: site)
        #expect(try await again { try await site.willPublish(claim, workNames: ["videos/.work"]) })
        #expect(try await again { try await site.renew(claim, lease: .seconds(60)) })
        switch end {
        case .success:
            #expect(try await again { try await site.willPublish(claim, output: output, poster: nil) })
            let result = TestSite.result(path: output, poster: nil)
            let isDone = try await again {
                if try await site.succeed(claim, result) { return true }
                return try await site.file(id: file.id)?.path == output
            }
            #expect(isDone)
        case .failure:
            _ = try await again { try await site.fail(claim, Verdict(.notConvertible), retryAt: nil) }
        case .handBack:
            _ = try await again { try await site.handBack(claim) }
        }
    }

    /// As the dispatcher does it.
    private static func claim(_ file: Upload, on site: Site) async throws -> Claim {
        try await again {
            let isMade: Claim?
            do {
                isMade = try await site.claim(file.id, path: file.path, owner: TestSite.me, lease: .seconds(60))
            } catch let error as SQLError where error.code == .unknownOutcome {
                isMade = try await again {
                    let row = try #require(try await site.file(id: file.id))
                    return try await site.claim(of: row, by: TestSite.me)
                }
                if isMade == nil { throw error }
            }
            return try #require(isMade)
        }
    }

    /// As `persist` does it, without a pause but for what a broken way back asks for.
    private static func again<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        while true {
            do {
                return try await body()
            } catch let error as SQLError where error.isTransient {
                continue
            }
        }
    }

    private static func expectItsEnd(_ end: End, _ file: Upload, _ test: TestSite, _ what: String) async throws {
        let row = try await test.fixture.file(file.id)
        let job = try #require(try await test.site.job(of: file.id))
        switch end {
        case .success:
            #expect(row.state == 3 && job.state == .done && row.path == job.outputPath, "\(what)")
            #expect(row.originalPath == file.path && job.attempts == 1, "\(what)")
        case .failure:
            #expect(row.state == 4 && job.state == .failed && row.path == file.path && job.attempts == 1, "\(what)")
        case .handBack:
            #expect(row.state == 1 && job.state == .waiting && row.path == file.path && job.attempts == 0, "\(what)")
        }
        #expect(job.owner == nil && job.losses == 0 && job.token == 1, "a claim whose answer was lost is known: \(what), \(job)")
    }
}
