import Foundation
import SiteFixture
import Testing

@Suite(.serialized)
struct StatusTests {
    @Test func percentRisesAndSecondsLeftFall() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            try await place.daemon("--until-idle") { daemon in
                var seen: [(percent: Double, left: Double?)] = []
                try await until("the job is over") {
                    let result = try await place.run("status", "--json")
                    if result.status == 0, let job = try Status.running(result.output, file: file.id),
                        let percent = job.percent, percent != seen.last?.percent
                    {
                        seen.append((percent, job.seconds_left))
                    }
                    return try await place.site.file(file.id).state == 3
                }
                #expect(await daemon.result().status == 0)

                let percents = seen.map(\.percent)
                #expect(percents.count >= 3, "\(percents)")
                #expect(percents == percents.sorted(), "\(percents)")
                let left = seen.compactMap(\.left)
                try #require(left.count >= 3, "\(left)")
                // An estimate may waver, but not as a whole: the later third is below the earlier one.
                let third = left.count / 3
                let early = left.prefix(third).reduce(0, +) / Double(third)
                let late = left.suffix(third).reduce(0, +) / Double(third)
                #expect(late < early, "\(left)")
            }
            let after = try await place.run("status", "--json")
            #expect(after.status == 0, "\(after.errors)")
            #expect(try Status.running(after.output, file: file.id) == nil)
        }
    }

    @Test func aDaemonThatWasKilledIsSaidToHaveDied() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it runs") { try await place.run("status").status == 0 }
                daemon.signal(SIGKILL)
                _ = await daemon.result()
            }
            let status = try await place.run("status")
            #expect(status.status == 3 && status.output.hasPrefix("died ") && status.output.contains("without having been stopped"))
            try await place.untilIdle()
            let after = try await place.run("status")
            #expect(after.status == 0 && after.output.hasPrefix("stopped "), "\(after.output)")
        }
    }

    /// Whether it was stopped for a debugger, or its disk hangs.
    @Test func aDaemonThatStandsStillIsSilent() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it runs") { try await place.run("status", "--json").output.contains("\"state\" : \"running\"") }
                daemon.signal(SIGSTOP)
                // As if half a minute had passed.
                let file = URL(filePath: place.statusFile)
                var status = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
                status["updated_at"] = Date(timeIntervalSinceNow: -31).ISO8601Format()
                try JSONSerialization.data(withJSONObject: status).write(to: file)
                let result = try await place.run("status")
                #expect(result.status == 3 && result.output.hasPrefix("silent ") && result.output.contains("has written nothing for 0:3"), "\(result.output)")
                try await place.doctor("✗ daemon: The daemon (process \(daemon.processID)) has written nothing to \(place.statusFile)", ends: 1)
                daemon.signal(SIGCONT)
                try await until("it is back") { try await place.run("status").status == 0 }
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
        }
    }

    /// In a debug build Swift's runtime would print where it is, and go on.
    @Test func aQuitEndsADaemon() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it runs") { try await place.run("status").status == 0 }
                daemon.signal(SIGQUIT)
                let result = await daemon.result()
                #expect(result.status == -SIGQUIT && !result.errors.contains("Thread"), "\(result.status) \(result.errors)")
            }
            #expect(try await place.run("status").status == 3)
        }
    }

    @Test func withoutADaemonItSaysSo() async throws {
        try await Workplace.use { place in
            let result = try await place.run("status")
            #expect(result.status != 0)
            #expect(!result.errors.isEmpty)
        }
    }
}

/// The part of the status file that is looked at here.
enum Status {
    struct Job: Decodable {
        let file_id: Int64
        let percent: Double?
        let seconds_left: Double?
    }

    static func running(_ json: String, file: Int64) throws -> Job? {
        struct Document: Decodable { let running: [Job] }
        return try JSONDecoder().decode(Document.self, from: Data(json.utf8)).running.first { $0.file_id == file }
    }
}
