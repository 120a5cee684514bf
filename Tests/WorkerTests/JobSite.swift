import Foundation
import Glibc
import Jobs
import Logging
import Site
import SiteFixture
import SQL
import Testing
@testable import Configuration
@testable import Worker

/// A Fresns-shaped site of a test, with everything that a job needs. Removed when it goes.
final class JobSite: Sendable {
    private let place = TemporaryFolder()
    var folder: String { place.path }
    let fixture: FixtureSite

    static let media = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/fixtures/media"
    /// The real media program lies beside the test bundle.
    static let program = MediaChildLauncher.findProgram() ?? ""

    init(_ settings: FixtureSite.Settings = .init()) async throws {
        fixture = try await FixtureSite.make(at: place.path + "/site", settings)
    }

    func configuration(program: String = JobSite.program, _ change: (inout Configuration) -> Void = { _ in }) -> Configuration {
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

    func shop(_ configuration: Configuration) async throws -> Workshop {
        try await Workshop.open(configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A media program of the test's own: a shell script.
    func program(_ script: String) throws -> String {
        let path = folder + "/program-\(UUID())"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o755)
        return path
    }

    /// The real media program behind a gate: it begins its work when `open` is called.
    func gatedProgram() throws -> (path: String, open: @Sendable () -> Void) {
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

    func publish(_ media: String?) async throws -> Upload {
        try await fixture.publish(media.map { "\(Self.media)/\($0)" }).file
    }

    func path(_ stored: String) -> String { "\(fixture.storagePath)/\(stored)" }
}

/// Looks again and again until the condition holds; what is waited for ends the wait.
func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(400)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "waited in vain for: \(what)")
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// One claimed file, and the runner that does it.
struct ClaimedJob: Sendable {
    let shop: Workshop
    let board: StatusBoard
    let file: MediaFile
    let claim: Claim
    let control = JobControl()

    init(_ site: JobSite, _ upload: Upload, _ configuration: Configuration, force: Bool = false) async throws {
        shop = try await site.shop(configuration)
        board = shop.board()
        file = try #require(try await shop.site.file(id: upload.id))
        claim = try #require(
            try await shop.site.claim(file.id, path: file.path, owner: shop.owner, lease: configuration.lease, force: force))
    }

    func run() async -> JobEnd {
        await shop.runner(board: board).run(file, claim, threads: 1, control: control)
    }
}
