import Foundation
import SQL
import SiteFixture
import Testing

/// `transcoder jobs`, `retry` and `cancel`: beside a daemon of another process, and without one.
@Suite(.serialized)
struct RunningJobsTests {
    private struct Jobs: Decodable {
        struct Job: Decodable {
            struct Holder: Decodable {
                var host: String
                var pid: Int32
                var leased_until: Date
            }
            var file_id: Int64
            var fid: String
            var state: String
            var attempts: Int
            var code: String?
            var reason: String?
            var next_at: Date?
            var holder: Holder?
            var age: Double?
        }
        var jobs: [Job]
    }

    private func jobs(_ place: Workplace, _ arguments: String...) async throws -> [Jobs.Job] {
        let result = try await Program.run(Built.transcoder, ["jobs", "--config", place.config, "--json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Jobs.self, from: Data(result.output.utf8)).jobs
    }

    @Test func aRunningJobIsCancelledFromAnotherProcess() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use(configuration: "workers: 1\nlease: 1h") { place in
            let file = try await place.publish(film, expect: .failed, codes: ["cancelled"]).file
            try await place.daemon { daemon in
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                let running = try #require(try await jobs(place, "--state", "running").first)
                #expect(running.file_id == file.id && running.holder?.pid == daemon.processID && running.attempts == 0)

                let result = try await place.run("cancel", "--id", "\(file.id)")
                #expect(result.status == 0 && result.output.contains("cancelled"), "\(result.output)\(result.errors)")
                try await until("it is stopped, long before the film's end", within: .seconds(120)) {
                    place.site.hiddenFiles().isEmpty
                }
                // The hand is free.
                let next = try await place.publish("hello.wav").file
                try await until("the next is done") { try await place.site.file(next.id).state == 3 }
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
            try await place.expectAllInOrder()
            let failed = try await jobs(place, "--state", "cancelled")
            #expect(failed.map(\.code) == ["cancelled"] && failed.first?.reason?.isEmpty == false)

            // It survives a restart, and a person may think again.
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 4)
            let again = try await place.run("cancel", "--id", "\(file.id)")
            #expect(again.status == 1 && again.errors.contains("already cancelled"), "\(again.errors)")
            let plain = try await place.run("run", "--id", "\(file.id)")
            #expect(plain.status == 1 && plain.errors.contains("--force"), "\(plain.errors)")
        }
    }

    @Test func waitingJobsAreListedCancelledAndRetried() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("hello.wav").file
            let bad = try await place.publish("bad/text.mp4", expect: .failed, codes: ["not-media"]).file
            let waiting = try await jobs(place)
            #expect(waiting.map(\.file_id) == [bad.id, file.id] && waiting.allSatisfy { $0.state == "waiting" })
            #expect(waiting.allSatisfy { ($0.age ?? -1) >= 0 && ($0.age ?? 1000) < 120 })
            #expect(try await jobs(place, "--limit", "1").count == 1)

            let cancelled = try await place.run("cancel", "--id", "\(file.id)")
            #expect(cancelled.status == 0, "\(cancelled.errors)")
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 4)

            let none = try await place.run("retry", "--id", "4711")
            #expect(none.status == 1 && none.errors.contains("4711"))
            let all = try await place.run("retry", "--failed")
            #expect(all.status == 0 && all.output.contains("\(bad.id)"), "\(all.output)\(all.errors)")
            #expect(try await place.site.file(bad.id).state == 1)
            #expect(try await place.site.file(file.id).state == 4, "what was cancelled by hand stays so")
            let one = try await place.run("retry", "--id", "\(file.id)")
            #expect(one.status == 0, "\(one.errors)")
            try await place.untilIdle()
            try await place.expectAllInOrder()

            let done = try await place.run("retry", "--id", "\(file.id)")
            #expect(done.status == 1 && done.errors.contains("done"), "\(done.errors)")
            let table = try await place.run("jobs")
            #expect(table.status == 0)
            let lines = table.output.split(separator: "\n")
            #expect(lines.count == 3 && lines.contains { $0.contains("failed") && $0.contains("not-media") }, "\(table.output)")
            #expect(lines.contains { $0.contains("done") && $0.contains("hello.wav") })
        }
    }

    /// Commands as people type them: bare ids, several at once, `-c`; and one file's whole story.
    @Test(arguments: Workplace.databases)
    func idsAreGivenBare(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            func type(_ words: String...) async throws -> Program.Result {
                try await Program.run(Built.transcoder, words + ["-c", place.config])
            }
            let good = try await place.publish("hello.wav").file
            let bad = try await place.publish("bad/text.mp4", expect: .failed, codes: ["not-media"]).file
            let cancelled = try await type("cancel", "\(good.id)", "999999")
            #expect(cancelled.status == 1 && cancelled.output.contains("File \(good.id) is cancelled."), "the others are done all the same")
            #expect(cancelled.errors.contains("999999"))
            try await place.untilIdle()

            #expect(try await type("jobs", "--failed").output.contains("not-media"))
            #expect(try await !type("jobs", "--failed").output.contains("hello.wav"))
            #expect(try await type("jobs", "--state", "cancelled").output.contains("hello.wav"))
            let cut = try await type("jobs", "--limit", "1")
            #expect(cut.output.split(separator: "\n").count == 2 && cut.errors.contains("1 more not shown"), "\(cut.errors)")
            #expect(try await type("jobs", "--limit", "2").errors.isEmpty)

            let story = try await type("jobs", "--id", "\(bad.id)")
            for part in ["state     failed, 1 attempt", "reason    not-media: The file is text", "plays     \(bad.path)", "started   2", "ended     2"] {
                #expect(story.output.contains(part), "\(part): \(story.output)")
            }
            let json = try await type("jobs", "--id", "\(bad.id)", "--json")
            #expect(json.output.contains(#""code" : "not-media""#) && json.output.contains(#""attempts" : 1"#), "\(json.output)")
            #expect(try await type("jobs", "--id", "999999").status == 1)

            let again = try await type("retry", "\(good.id)", "\(bad.id)", "\(good.id)")
            #expect(again.status == 0 && again.output.split(separator: "\n").count == 2, "each once: \(again.output)\(again.errors)")
            let fresh = try await type("jobs", "--id", "\(bad.id)")
            #expect(fresh.output.contains("state     waiting, 0 attempts") && !fresh.output.contains("reason"), "\(fresh.output)")
            let image = try await place.site.place(.image, media: Built.media + "/old-phone.3gp").id
            let never = try await type("jobs", "--id", "\(image)")
            #expect(never.output.contains("never     File \(image) is an image"), "\(never.output)")
            try await place.untilIdle()
            #expect(try await place.site.file(good.id).state == 3)
            #expect(try await type("jobs", "--id", "\(good.id)").output.contains("original  \(good.path)"))
            #expect(try await type("info", "\(good.id)", "--json").output.contains(good.fid))
            #expect(try await type("info", "\(good.id)", "\(bad.id)").status == 2)
        }
    }

    @Test func aBackoffIsCutShort() async throws {
        try await Workplace.use(configuration: "retry:\n  first_wait: 1h\nworkers: 1") { place in
            let film = try await LongFilm.shared.path(seconds: 10)
            let file = try await place.publish(film).file
            try await place.daemon { daemon in
                try await until("a child's death", within: .seconds(300)) {
                    guard let child = try daemon.mediaChildrenAtWork().first else { return false }
                    return kill(child, SIGSEGV) == 0
                }
                try await until("it waits") { try await place.site.file(file.id).state == 1 }
                let job = try #require(try await jobs(place, "--state", "waiting").first)
                #expect(job.attempts == 1 && job.code != nil && (job.next_at ?? .now) > Date(timeIntervalSinceNow: 1800))
                try await until("the status tells") {
                    let status = try await place.run("status")
                    return status.output.contains("retrying:\n  \(file.id) ") && status.output.contains("attempt 2")
                }
                let result = try await place.run("retry", "--id", "\(file.id)")
                #expect(result.status == 0 && result.output.contains("will be retried now"), "\(result.output)\(result.errors)")
                try await until("it is done") { try await place.site.file(file.id).state == 3 }
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
            try await place.expectAllInOrder()
        }
    }

    @Test(arguments: [
        ["jobs", "--state", "sleeping"], ["jobs", "--limit", "0"], ["retry"], ["retry", "--id", "1", "--failed"], ["cancel"],
    ])
    func wrongUsageIsNamed(arguments: [String]) async throws {
        try await Workplace.use { place in
            let result = try await Program.run(Built.transcoder, arguments + ["--config", place.config])
            #expect(result.status == 2 && !result.errors.isEmpty, "\(result.errors)")
        }
    }
}
