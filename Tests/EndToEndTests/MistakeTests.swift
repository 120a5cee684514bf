import Foundation
import SQL
import SiteFixture
import Testing

/// Wrong configuration: exit 2, and a sentence that names what is wrong.
@Suite(.serialized)
struct MistakeTests {
    @Test func anUnknownKey() async throws {
        try await Workplace.use { place in
            try place.configure("wrokers: 2")
            try await expectRefusal(place, naming: "wrokers")
        }
    }

    @Test func aBadValue() async throws {
        try await Workplace.use { place in
            try place.configure("workers: many")
            try await expectRefusal(place, naming: "workers")
        }
    }

    @Test func noDatabase() async throws {
        try await Workplace.use { place in
            try FileManager.default.removeItem(atPath: place.site.databasePath)
            try await expectRefusal(place, naming: "database.sqlite")
            #expect(!FileManager.default.fileExists(atPath: place.site.databasePath), "none is made in its place")
        }
    }

    @Test func aDatabaseThatIsNotFresns() async throws {
        try await Workplace.use { place in
            _ = try await place.site.database.write { session in
                try session.execute("drop table \(place.site.table("file_usages"))", [])
            }
            try await expectRefusal(place, naming: "file_usages")
        }
    }

    @Test func aTextFileInTheDatabasesPlace() async throws {
        try await Workplace.use { place in
            try Data(String(repeating: "not a database ", count: 100).utf8)
                .write(to: URL(filePath: place.site.databasePath))
            try await expectRefusal(place, naming: "database.sqlite")
        }
    }

    @Test func noSiteThere() async throws {
        try await Workplace.use { place in
            try Data("site: \(place.folder)/nowhere\n".utf8).write(to: URL(filePath: place.config))
            try await expectRefusal(place, naming: "nowhere")
        }
    }

    @Test func noConfiguration() async throws {
        let result = try await Program.run(Built.transcoder, ["daemon", "--config", "/nonexistent/transcoder.yaml"])
        #expect(result.status == 2)
        #expect(result.errors.contains("/nonexistent/transcoder.yaml"), "\(result.errors)")
    }

    @Test func wrongUsage() async throws {
        let result = try await Program.run(Built.transcoder, ["run"])
        #expect(result.status == 2, "\(result.errors)")
    }

    private func expectRefusal(_ place: Workplace, naming name: String) async throws {
        for command in [["daemon", "--until-idle"], ["run", "--id", "1"]] {
            let result = try await Program.run(
                Built.transcoder, [command[0], "--config", place.config] + command.dropFirst())
            #expect(result.status == 2, "\(command): \(result.errors)")
            #expect(result.errors.contains(name), "\(command): \(result.errors)")
            #expect(result.output.isEmpty)
        }
    }
}
