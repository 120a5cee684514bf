import Foundation
import SQL
import SiteFixture
import Testing

/// `jobs`, `status` and `retry`: they say the same, and what to do.
@Suite(.serialized)
struct JobListTests {
    private struct Document: Decodable {
        struct Counts: Decodable { let waiting, running, retrying: Int }
        struct Running: Decodable { let file_id: Int64 }
        struct Failure: Decodable {
            let file_id: Int64
            let cause: String?
        }
        let counts: Counts
        let running: [Running]
        let last_failures: [Failure]
    }

    private struct Jobs: Decodable {
        struct Job: Decodable {
            let file_id: Int64
            let state: String
            let cause: String?
        }
        let jobs: [Job]
        let more: Int
    }

    private func status(_ place: Workplace) async throws -> Document {
        try JSONDecoder().decode(Document.self, from: Data(try await place.run("status", "--json").output.utf8))
    }

    private func jobs(_ place: Workplace, _ words: String...) async throws -> Jobs {
        let result = try await Program.run(Built.transcoder, ["jobs", "--config", place.config, "--json"] + words)
        return try JSONDecoder().decode(Jobs.self, from: Data(result.output.utf8))
    }

    /// What has just been claimed, finished or published is counted within seconds.
    @Test func countsAgree() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use(configuration: "workers: 1") { place in
            for _ in 0..<3 { _ = try await place.publish("clip.flv") }
            let last = try await place.publish(film).file
            try await place.daemon { daemon in
                try await until("it says something") { try await place.run("status").status == 0 }
                // Short files first: then nothing but the long one is left, and nothing moves.
                try await until("the long one runs") {
                    let document = try await status(place)
                    #expect(document.counts.running == document.running.count, "one document says one thing")
                    return try await jobs(place, "--state", "running").jobs.map(\.file_id) == [last.id]
                }
                try await until("the status has been written since", within: .seconds(5)) {
                    let counts = try await status(place).counts
                    return counts.waiting == 0 && counts.running == 1 && counts.retrying == 0
                }
                // Two more, and no pass of the loop but the one that they cause.
                for _ in 0..<2 { _ = try await place.publish("clip.flv") }
                try await until("they are counted", within: .seconds(20)) { try await status(place).counts.waiting == 2 }
                #expect(try await jobs(place, "--state", "waiting").jobs.count == 2)
                daemon.signal(SIGKILL)
                _ = await daemon.result()
            }
        }
    }

    @Test func aFailureIsShownOnceWithItsCause() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("clip.flv", expect: .failed).file
            let path = place.site.storagePath + "/" + file.path
            try FileManager.default.moveItem(atPath: path, toPath: path + ".real")
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".real")
            try await place.untilIdle()
            #expect(try await place.run("retry", "\(file.id)").status == 0)
            try await place.untilIdle()
            let failures = try await status(place).last_failures
            #expect(failures.map(\.file_id) == [file.id])
            #expect(failures.first?.cause?.contains(file.path) == true && failures.first?.cause?.contains("symbolic link") == true)
            for words in [["status"], ["jobs", "--id", "\(file.id)"]] {
                let result = try await Program.run(Built.transcoder, words + ["--config", place.config])
                #expect(result.output.contains("symbolic link") && result.output.contains(file.path), "\(result.output)")
            }
            #expect(try await jobs(place, "--failed").jobs.first?.cause?.contains("symbolic link") == true)

            // What runs again is no failure any more.
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: path + ".real", toPath: path)
            #expect(try await place.run("retry", "\(file.id)").status == 0)
            try await place.untilIdle()
            #expect(try await status(place).last_failures.isEmpty)
        }
    }

    @Test func aListSaysWhatIsNotInIt() async throws {
        try await Workplace.use { place in
            for _ in 0..<3 { _ = try await place.publish("clip.flv") }
            try await place.untilIdle()
            #expect(try await jobs(place, "--limit", "1").more == 2)
            #expect(try await jobs(place).more == 0)
            for (words, sentence) in [(["--failed"], "No failed jobs found."), (["--state", "cancelled"], "No cancelled jobs found.")] {
                let result = try await Program.run(Built.transcoder, ["jobs", "--config", place.config] + words)
                #expect(result.status == 0 && result.errors == sentence + "\n", "\(result.errors)")
            }
        }
    }

    @Test func severalIdsAreRetried() async throws {
        try await Workplace.use { place in
            let files = try await [place.publish("bad/text.mp4", expect: .failed).file, place.publish("bad/empty.mp4", expect: .failed).file]
            try await place.untilIdle()
            let result = try await place.run("retry", "--id", "\(files[0].id)", "\(files[1].id)")
            #expect(result.status == 0)
            #expect(result.output == files.map { "File \($0.id) is queued again.\n" }.joined())
        }
    }

    // MARK: files that are running in the site's table, and nowhere else

    private func set(_ place: Workplace, _ file: Int64, state: Int64, changed age: TimeInterval) async throws {
        let table = place.site.table("files")
        let moment = place.site.timestamp(Date(timeIntervalSinceNow: -age))
        try await place.site.database.write { session in
            _ = try session.execute("update \(table) set transcoding_state = \(state), updated_at = \(moment) where id = \(file)")
        }
    }

    @Test(arguments: Workplace.databases)
    func aFileThatNobodyHoldsIsFoundAndFreed(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await place.untilIdle()
            let file = try await place.publish("clip.flv").file
            try await set(place, file.id, state: 2, changed: 30)
            #expect(try await !place.doctor().contains("no transcoder holds"), "another program may be working on it")
            let early = try await place.run("retry", "--force", "\(file.id)")
            #expect(early.status == 1 && early.errors.contains("another program may be working on it"), "\(early.errors)")

            try await set(place, file.id, state: 2, changed: 3600)
            try await place.doctor("! claims: In the site's table, file \(file.id) is running, but no transcoder holds it", "“transcoder retry --force \(file.id)”")
            #expect(try await place.run("jobs", "\(file.id)").output.contains("“transcoder retry --force \(file.id)”"))
            let refused = try await place.run("retry", "\(file.id)")
            #expect(refused.status == 1 && refused.errors.contains("“transcoder retry --force \(file.id)”"), "\(refused.errors)")
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 2, "a daemon leaves it alone")
            let freed = try await place.run("retry", "--force", "\(file.id)")
            #expect(freed.status == 0 && freed.output == "File \(file.id) is queued again.\n", "\(freed.errors)")
            try await place.untilIdle()
            try await place.expectAllInOrder()
            #expect(try await !place.doctor().contains("no transcoder holds"))
        }
    }

    /// Whoever holds it keeps it.
    @Test(arguments: Workplace.databases)
    func aFileThatAWorkerHoldsIsNotFreed(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await place.untilIdle()
            let file = try await place.publish("clip.flv").file
            let (jobs, until) = (place.site.table("transcoder_jobs"), Int64(Date().timeIntervalSince1970 * 1000) + 600_000)
            let owner = "elsewhere/another-boot.another-machine.1/4711/12"
            try await set(place, file.id, state: 2, changed: 3600)
            try await place.site.database.write { session in
                _ = try session.execute(
                    "insert into \(jobs) (file_id, state, token, owner, leased_until) values (\(file.id), 'running', 1, \(owner), \(until))")
            }
            let result = try await place.run("retry", "--force", "\(file.id)")
            #expect(result.status == 1 && result.errors == "File \(file.id) is running, in process 4711 on elsewhere.\n", "\(result.errors)")
            #expect(try await place.site.file(file.id).state == 2)
            #expect(try await place.job(file.id)?.int("token") == 1)
        }
    }
}
