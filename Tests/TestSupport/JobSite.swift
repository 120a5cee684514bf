package import Execution
internal import Foundation
internal import Glibc
package import Jobs
internal import Logging
internal import MediaProcess
package import Observability
package import Site
package import SiteFixture
internal import SQL
package import WorkerConfiguration

/// A Fresns-shaped site of a test, with everything that a job needs. Removed when it goes.
package final class JobSite: Sendable {
    private let place = TemporaryFolder()
    package var folder: String { place.path }
    package let fixture: FixtureSite

    package static let media = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/fixtures/media"
    /// The real media program lies beside the test bundle.
    package static let program = MediaChildLauncher.findProgram() ?? ""

    package init(_ settings: FixtureSite.Settings = .init()) async throws {
        fixture = try await FixtureSite.make(at: place.path + "/site", settings)
    }

    package func configuration(program: String = JobSite.program, _ change: (inout Configuration) -> Void = { _ in }) -> Configuration {
        var configuration = Configuration()
        configuration.site = fixture.root
        configuration.statusFile = folder + "/status.json"
        configuration.mediaProgram = program
        configuration.workers = 2
        configuration.poll = .milliseconds(200)
        configuration.retry.base = .milliseconds(20)
        change(&configuration)
        return configuration
    }

    package func context(_ configuration: Configuration) async throws -> WorkerContext {
        try await WorkerContext.open(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A media program of the test's own: a shell script.
    package func program(_ script: String) throws -> String {
        let path = folder + "/program-\(UUID())"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o755)
        return path
    }

    /// The real media program behind a gate: it begins its work when `open` is called.
    package func gatedProgram() throws -> (path: String, open: @Sendable () -> Void) {
        let gate = folder + "/gate-\(UUID())"
        mkfifo(gate, 0o600)
        let path = try program("read word < '\(gate)'; exec '\(Self.program)'")
        return (path, {
            // Waits for the program to stand at the gate: on a thread of its own, for two such waits would take all the
            // threads that tests run on, and the program is started by one of those.
            Thread.detachNewThread {
                let descriptor = Glibc.open(gate, O_WRONLY | O_CLOEXEC)
                _ = Glibc.write(descriptor, "go\n", 3)
                close(descriptor)
            }
        })
    }

    package func publish(_ media: String?) async throws -> Upload {
        try await fixture.publish(media.map { "\(Self.media)/\($0)" }).file
    }

    package func path(_ stored: String) -> String { "\(fixture.storagePath)/\(stored)" }
}

/// What did not come.
package struct InVain: Error, CustomStringConvertible {
    let what: String

    package var description: String { "waited in vain for: \(what)" }
}

/// Looks again and again until the condition holds; what is waited for ends the wait.
package func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(400)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw InVain(what: what) }
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// One claimed file, and the runner that does it.
package struct ClaimedJob: Sendable {
    package let context: WorkerContext
    package let board: StatusBoard
    package let file: MediaFile
    package let claim: Claim
    package let control = JobControl()

    package init(_ site: JobSite, _ upload: Upload, _ configuration: Configuration, force: Bool = false) async throws {
        context = try await site.context(configuration)
        board = context.board()
        guard let file = try await context.site.file(id: upload.id) else { throw InVain(what: "the file's row") }
        self.file = file
        let claim = try await context.site.claim(file.id, path: file.path, owner: context.owner, lease: configuration.lease, force: force)
        guard let claim else { throw InVain(what: "a claim") }
        self.claim = claim
    }

    package func run() async -> JobEnd {
        await context.runner(board: board).run(file, context.begin(file, claim, control: control), threads: 1)
    }
}
