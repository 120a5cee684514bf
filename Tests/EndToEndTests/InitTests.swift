import Foundation
import SiteFixture
import Testing

@Suite(.serialized)
struct InitTests {
    @Test func writesAConfigurationThatWorks() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("tune.mp3").file
            let config = place.folder + "/new/transcoder.yaml"
            try FileManager.default.createDirectory(atPath: place.folder + "/new", withIntermediateDirectories: true)
            let result = try await Program.run(
                Built.transcoder, ["init", "--site", place.site.root, "--config", config])
            #expect(result.status == 0, "\(result.errors)")
            #expect(try await place.job(file.id) == nil, "the table is there, and empty")

            let done = try await Program.run(
                Built.transcoder, ["daemon", "--config", config, "--until-idle"],
                environment: ["TRANSCODER_STATUS_FILE": place.statusFile])
            #expect(done.status == 0, "\(done.errors)")
            #expect(try await place.site.file(file.id).state == 3)
        }
    }

    @Test func keepsTheKeysOfAnExistingConfiguration() async throws {
        try await Workplace.use(configuration: "workers: 1") { place in
            for _ in 1...2 {
                let result = try await place.run("init", "--site", place.site.root)
                #expect(result.status == 0, "\(result.errors)")
            }
            let text = try String(contentsOfFile: place.config, encoding: .utf8)
            #expect(text.contains("workers: 1") && text.contains(place.statusFile), "\(text)")
        }
    }

    @Test func dryRunChangesNothing() async throws {
        try await Workplace.use { place in
            let before = try Data(contentsOf: URL(filePath: place.site.databasePath))
            let config = place.folder + "/none.yaml"
            let result = try await Program.run(
                Built.transcoder, ["init", "--site", place.site.root, "--config", config, "--dry-run"])
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.lowercased().contains("create table"), "\(result.output)")
            #expect(try Data(contentsOf: URL(filePath: place.site.databasePath)) == before)
            #expect(!FileManager.default.fileExists(atPath: config))
        }
    }

    /// On a site with years of uploads everything old is in state 1: it is left alone unless asked for.
    @Test(arguments: [true, false])
    func aBacklog(_ wanted: Bool) async throws {
        try await Workplace.use { place in
            var old: [Upload] = []
            for _ in 0..<101 { old.append(try await place.publish("bad/empty.mp4", expect: .failed).file) }
            for file in old { try await place.site.set("created_at", "2020-02-02 02:02:02", file: file.id) }
            let config = place.folder + "/new.yaml"
            let result = try await Program.run(
                Built.transcoder,
                ["init", "--site", place.site.root, "--config", config] + (wanted ? ["--backlog"] : []))
            #expect(result.status == 0, "\(result.errors)")
            #expect((result.output + result.errors).contains("101"), "it says how many wait: \(result.output)\(result.errors)")
            let text = try String(contentsOfFile: config, encoding: .utf8)
            let since = text.split(separator: "\n").contains { $0.hasPrefix("since:") }
            #expect(since == !wanted, "\(text)")

            let new = try await place.publish("tune.mp3").file
            let done = try await Program.run(
                Built.transcoder, ["daemon", "--config", config, "--until-idle"],
                environment: ["TRANSCODER_STATUS_FILE": place.statusFile])
            #expect(done.status == 0, "\(done.errors)")
            #expect(try await place.site.file(new.id).state == 3)
            #expect(try await place.site.file(old[0].id).state == (wanted ? 4 : 1))
        }
    }
}
