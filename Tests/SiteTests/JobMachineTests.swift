import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

import Verdicts
@testable import Site

/// The statements against the machine: whatever comes in whatever order, both are in the same state.
@Suite struct JobMachineTests {
    @Test(arguments: TestSite.databases, 0..<24)
    func theRowsFollowTheMachine(database: SQLDialect, seed: Int) async throws {
        var walk = try await Walk(seed: UInt64(seed), database)
        for _ in 0..<60 { try await walk.step() }
        await walk.test.site.close()
    }
}

/// One file, and everybody who ever held it.
private struct Walk {
    let test: TestSite
    private let file: Upload
    private var machine = JobMachine()
    private var claims: [Claim] = []
    private var path: String
    private var random: SeededRandom
    private var story: [String] = []
    private static let cap = 3

    init(seed: UInt64, _ database: SQLDialect) async throws {
        test = try await TestSite(.init(database: database))
        file = try await test.post()
        path = file.path
        random = SeededRandom(seed: seed, case: 0)
    }

    mutating func step() async throws {
        let before = machine
        let event = event()
        let isTaken = machine.apply(event)
        let isTakenByRows = try await tell(event)
        story.append("\(event) → \(isTaken)")
        #expect(isTakenByRows == isTaken, "\(story)")
        #expect(try await rows() == machine, "\(story)")
        #expect((machine.job?.token ?? 0) >= (before.job?.token ?? 0), "a token never falls")
        if case .claim = event, isTaken {
            #expect(claims.filter { $0.token == machine.job?.token }.count == 1, "one claim has the token")
        }
        if [.done, .failed].contains(before.file), !Self.reopens(event) {
            #expect(machine.file == before.file, "an end is an end: \(story)")
        }
    }

    private static func reopens(_ event: JobMachine.Event) -> Bool {
        switch event {
        case .claim(_, force: true), .reset, .takeElsewhere, .retry: true
        default: false
        }
    }

    /// Mostly what the last holder says, for that leads furthest.
    private mutating func event() -> JobMachine.Event {
        let last = machine.job?.token ?? 0
        let token = random.once(in: 4) ? random.element(of: claims)?.token ?? last : last
        switch random.below(18) {
        case 0...3: return .claim(early: random.once(in: 4), force: random.once(in: 6))
        case 4: return .renew(token)
        case 5, 6: return .publish(token)
        case 7, 8: return .succeed(token)
        case 9: return .fail(token, countsAsTry: true, isLast: random.once(in: 3))
        case 10: return .fail(token, countsAsTry: false, isLast: false)
        case 11: return .handBack(token)
        case 12: return .lose(cap: Self.cap)
        case 13: return .timeComes
        case 14: return machine.isAlive ? .disable : .enable
        case 15: return .cancel
        case 16: return .retry
        default: return random.once(in: 3) ? .takeElsewhere : .reset
        }
    }

    /// A holder that nobody ever was has no claim to speak with.
    private func claim(_ token: Int64) -> Claim {
        claims.first { $0.token == token } ?? Claim(fileID: file.id, token: token, path: path, attempt: 1)
    }

    private mutating func tell(_ event: JobMachine.Event) async throws -> Bool {
        let site = test.site
        switch event {
        case .claim(let early, let force):
            let claim = try await site.claim(
                file.id, path: path, owner: TestSite.me, lease: .seconds(60), force: force, early: early)
            if let claim { claims.append(claim) }
            return claim != nil
        case .renew(let token): return try await site.renew(claim(token), lease: .seconds(60))
        case .publish(let token): return try await site.willPublish(claim(token), output: "videos/\(token).mp4")
        case .succeed(let token):
            var result = TestSite.result()
            result.newPath = "videos/\(token).mp4"
            result.posterPath = "videos/\(token).jpg"
            let isTaken = try await site.succeed(claim(token), result)
            if isTaken { path = "videos/\(token).mp4" }
            return isTaken
        case .fail(let token, let countsAsTry, let isLast):
            let verdict = Verdict(countsAsTry ? .noResult : .databaseUnreachable)
            let later = isLast ? nil : Date(timeIntervalSinceNow: 3600)
            return try await site.fail(claim(token), verdict, retryAt: later)
        case .handBack(let token): return try await site.handBack(claim(token))
        case .lose(let cap):
            var policy = RetryPolicy()
            policy.lossCap = cap
            return try await site.reclaimLost(isAlive: { _ in false }, thisHost: "here", policy: policy) == [file.id]
        case .cancel: if case .refused = try await site.cancel(file.id) { return false }
        case .retry: if case .refused = try await site.retry(file.id) { return false }
        case .timeComes: try await test.run("UPDATE {transcoder_jobs} SET next_at = 1 WHERE next_at IS NOT NULL")
        case .disable, .enable:
            try await test.run("UPDATE {files} SET is_enabled = \(test.fixture.flag(event == .enable)) WHERE id = \(file.id)")
        case .reset: try await test.run("UPDATE {files} SET transcoding_state = 1 WHERE id = \(file.id)")
        case .takeElsewhere: try await test.run("UPDATE {files} SET transcoding_state = 2 WHERE id = \(file.id)")
        }
        return true
    }

    /// The machine that the rows are.
    private func rows() async throws -> JobMachine {
        var machine = JobMachine()
        let row = try #require(
            try await test.run("SELECT transcoding_state, is_enabled FROM {files} WHERE id = \(file.id)").first)
        machine.file = try #require(JobMachine.FileState(rawValue: Int(row.int("transcoding_state") ?? 0)))
        machine.isAlive = row.bool("is_enabled") ?? false
        if let job = try await test.site.job(of: file.id) {
            machine.job = JobMachine.Job()
            machine.job?.state = job.state
            machine.job?.token = job.token
            machine.job?.attempts = job.attempts
            machine.job?.losses = job.losses
            machine.job?.isEarly = job.isEarly
        }
        return machine
    }
}
