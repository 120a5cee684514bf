internal import Jobs
package import MediaWire
internal import Platform
internal import Verdicts
package import WorkerConfiguration

/// The media program, as it reports itself.
package struct MediaProgram: Sendable {
    package let path: String
    package let sandbox: SandboxReport
    package let equipment: CapabilitiesReport

    /// Why it is not usable although it starts; nil if nothing is missing.
    package var fault: MediaProgramError? {
        equipment.shortcoming.map { MediaProgramError(.unequipped, program: path, why: "\($0.sentence(in: .english)) (FFmpeg \(equipment.version))") }
    }

    /// Starts one child to check that it starts, can sandbox itself, and has what it needs. Throws a `ConfigurationError`, a
    /// `MediaProgramError`, a `TransientError`, a `ChildError` or a `ThreadError`.
    package static func handshake(_ configuration: Configuration) async throws -> MediaProgram {
        let launcher = try MediaChildLauncher.configured(configuration)
        // A child dies with the thread that started it: the launcher's.
        defer { withExtendedLifetime(launcher) {} }
        let request = MediaRequest(task: .handshake, subject: .any, profile: Profile(), threads: 1)
        do {
            let child = try await launcher.start()
            let answer = try await BlockingThread().run {
                try child.perform(request, descriptors: [], stall: .seconds(30))
            }
            return MediaProgram(
                path: launcher.program, sandbox: answer.sandbox ?? SandboxReport(), equipment: answer.equipment ?? CapabilitiesReport())
        } catch let error as ChannelError {
            throw TransientError("The media program \(launcher.program) cannot be started at the moment: \(error).")
        } catch let verdict as Verdict {
            let why = [verdict.reason, verdict.detail.replacing("\n", with: "; ")].filter { !$0.isEmpty }.joined(separator: " ")
            if verdict.code == .outOfMemory || verdict.detail.contains(ChildProtocol.late) {
                throw TransientError("The media program \(launcher.program) cannot be started at the moment: \(why)")
            }
            throw MediaProgramError(verdict.detail.contains(loaders) ? .unloadable : .unstartable, program: launcher.program, why: why)
        }
    }

    /// The dynamic loader's message about a missing library.
    private static let loaders = "error while loading shared libraries"
}
