import Foundation
import SiteFixture
import Testing

/// `transcoder doctor` names what is wrong, and changes nothing.
@Suite(.serialized)
struct DoctorTests {
    @Test func allIsWell() async throws {
        try await Workplace.use { place in
            let result = try await place.run("doctor")
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            for word in ["✓ configuration", "✓ media program", "✓ sandbox: Uploads are decoded in a sandbox: landlock", "✓ site", "✓ storage"] {
                #expect(result.output.contains(word), "\(word) is missing: \(result.output)")
            }
            #expect(result.output.contains("! database"), "the table is not made: \(result.output)")
            try await place.untilIdle()
            #expect(try await place.run("doctor").output.contains("✓ database"))
        }
    }

    @Test func aMissingMediaProgram() async throws {
        try await Workplace.use(configuration: "media_program: /nowhere/transcoder-media") { place in
            try await expect(place, "✗ media program", "/nowhere/transcoder-media")
        }
    }

    @Test func aMediaProgramThatIsNone() async throws {
        try await Workplace.use(configuration: "media_program: /bin/true") { place in
            try await expect(place, "✗ media program", "/bin/true")
        }
    }

    /// As in a container that lets no filter be set. With “required” nothing starts, and the way out is told.
    @Test(arguments: ["seccomp", "landlock"]) func aLayerThatIsMissing(_ layer: String) async throws {
        try await Workplace.use { place in
            let program = place.folder + "/media-program"
            let script = "#!/bin/sh\nexec '\(Built.folder)/kernel-without' \(layer) EPERM '\(Built.folder)/transcoder-media' \"$@\"\n"
            try Data(script.utf8).write(to: URL(filePath: program))
            chmod(program, 0o755)
            try place.configure("media_program: \(program)")
            try await expect(place, "✗ sandbox", "This machine lacks \(layer)", "set “sandbox: best-effort”")
            let refused = try await place.run("daemon", "--until-idle")
            #expect(refused.status == 2 && refused.errors.contains("This machine lacks \(layer)"), "\(refused.errors)")

            try place.configure("media_program: \(program)\nsandbox: best-effort")
            let file = try await place.publish("old-phone.3gp").file
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 3)
            let result = try await place.run("doctor")
            #expect(result.status == 0 && result.output.contains("! sandbox"), "\(result.output)")
        }
    }

    @Test func aMissingDatabase() async throws {
        try await Workplace.use { place in
            try FileManager.default.removeItem(atPath: place.site.databasePath)
            try await expect(place, "✗ site", place.site.databasePath)
        }
    }

    @Test func storageThatIsNotThere() async throws {
        try await Workplace.use { place in
            try FileManager.default.removeItem(atPath: place.site.storagePath)
            try await expect(place, "✗ storage", place.site.storagePath)
        }
    }

    @Test func aWrongConfiguration() async throws {
        try await Workplace.use(configuration: "wrokers: 3") { place in
            try await expect(place, "✗ configuration", "wrokers")
        }
    }

    private func expect(_ place: Workplace, _ words: String...) async throws {
        let result = try await place.run("doctor")
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        for word in words { #expect(result.output.contains(word), "\(word) is missing: \(result.output)") }
    }
}
