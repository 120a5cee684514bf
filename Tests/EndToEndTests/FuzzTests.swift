import Foundation
import SiteFixture
import Testing

/// Damaged files through a daemon. `make fuzz` does the same with more of them.
@Suite(.serialized)
struct FuzzTests {
    @Test func twoHundredDamagedFilesCostNothingButTheirJobs() async throws {
        try await inFolder { folder in
            let inputs = try await FuzzInputs.gather(media: Built.media, making: folder + "/inputs")
            var settings = FuzzRun.Settings(program: Built.transcoder, folder: folder + "/run")
            settings.seed = 4
            settings.cases = 200
            let report = try await FuzzRun.perform(settings, inputs: inputs)
            for fault in report.faults { Issue.record("\(fault)") }
            #expect(report.cases == 200)
            #expect(report.outcomes["3", default: 0] >= 20, "some are mended: \(report.outcomes)")
            #expect(report.outcomes.count >= 4, "they break in more than one way: \(report.outcomes)")
        }
    }

    @Test func aCaseIsTheSameAtEveryMaking() async throws {
        try await inFolder { folder in
            let inputs = try await FuzzInputs.gather(media: Built.media, making: folder + "/inputs")
            let again = try await FuzzInputs.gather(media: Built.media, making: folder + "/inputs-again")
            var names: Set<String> = []
            for number in 0..<50 {
                let damaged = FuzzCase(seed: 7, number: number, inputs: inputs)
                let same = FuzzCase(seed: 7, number: number, inputs: again)
                #expect(damaged.bytes == same.bytes && damaged.name == same.name, "\(damaged.story)")
                #expect(damaged.bytes != FuzzCase(seed: 8, number: number, inputs: inputs).bytes)
                names.insert(String(damaged.story.prefix { $0 != ":" }))
            }
            #expect(names.count > 20, "many files are taken: \(names)")
        }
    }

    /// A daemon that dies is seen.
    @Test func aDaemonThatDiesIsSeen() async throws {
        try await inFolder { folder in
            let inputs = try await FuzzInputs.gather(media: Built.media, making: folder + "/inputs")
            // Starts, and dies at the first files.
            let program = folder + "/daemon"
            let script = "#!/bin/sh\n: > \(folder)/run/status.json\nexit 3\n"
            try Data(script.utf8).write(to: URL(filePath: program))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            var settings = FuzzRun.Settings(program: program, folder: folder + "/run")
            settings.cases = 2
            let report = try await FuzzRun.perform(settings, inputs: inputs)
            #expect(report.faults.contains("the daemon died") && report.faults.contains("the daemon ended with 3"))
        }
    }

    private func inFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/transcoder-fuzz-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }
}
