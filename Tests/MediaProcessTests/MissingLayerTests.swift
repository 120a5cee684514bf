import Foundation
import Jobs
import MediaWire
import Testing
import TestSupport
import Verdicts
@testable import MediaProcess
@testable import WorkerConfiguration

/// The real child where a layer of its sandbox is really missing: the kernel answers as one that lacks it does, or as a
/// container that refuses it.
@Suite struct MissingLayerTests {
    struct Machine: CustomTestStringConvertible {
        let layer, answer: String
        var testDescription: String { "\(layer), \(answer)" }
    }

    static let machines = [
        Machine(layer: "seccomp", answer: "ENOSYS"), Machine(layer: "seccomp", answer: "EINVAL"),
        Machine(layer: "seccomp", answer: "EPERM"), Machine(layer: "landlock", answer: "ENOSYS"),
        Machine(layer: "landlock", answer: "EPERM"),
    ]

    private func handshake(_ machine: Machine, _ mode: SandboxMode) async throws -> MediaAnswer {
        let launcher = try MediaChildLauncher(
            program: Self.built("kernel-without"), arguments: [machine.layer, machine.answer, JobSite.program], sandbox: mode)
        // A child dies with its launcher's thread.
        defer { withExtendedLifetime(launcher) {} }
        return try await launcher.start().answer(.handshake)
    }

    @Test(arguments: machines) func bestEffortGoesOnWithTheOthers(_ machine: Machine) async throws {
        let report = try #require(try await handshake(machine, .bestEffort).sandbox)
        #expect(report.missing == [machine.layer])
        #expect(report.layers.count == 3)
    }

    @Test(arguments: machines) func requiredStopsAndSaysWhy(_ machine: Machine) async throws {
        let error = await #expect(throws: Verdict.self) { try await handshake(machine, .required) }
        #expect(error?.code == .hostFault)
        #expect(error?.detail.contains("This machine lacks \(machine.layer)") == true, "\(error?.detail ?? "")")
        #expect(error?.detail.contains("sandbox: best-effort") == true)
    }

    /// A program beside the test bundle.
    static func built(_ name: String) -> String {
        URL(filePath: JobSite.program).deletingLastPathComponent().appending(path: name).path(percentEncoded: false)
    }
}
