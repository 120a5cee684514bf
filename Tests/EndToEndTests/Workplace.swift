import Foundation
import SQL
import SiteFixture
import Testing

/// A site with a configuration of its own in a temporary folder, and the built program to use on it.
struct Workplace: Sendable {
    let folder: String
    let site: FixtureSite

    var config: String { folder + "/transcoder.yaml" }
    var statusFile: String { folder + "/status.json" }

    /// SQLite, and the servers that scripts/databases.sh has started.
    static let databases = SQLDialect.allCases.filter { $0 == .sqlite || servers.contains($0) }
    static let servers = [SQLDialect.mariadb, .postgresql].filter {
        ProcessInfo.processInfo.environment["DATABASES_\($0.rawValue.uppercased())"] != nil
    }

    static func use(
        _ database: SQLDialect, configuration: String = "", _ body: @Sendable (Workplace) async throws -> Void
    ) async throws {
        try await use(.init(database: database), configuration: configuration, body)
    }

    /// Makes one, lends it, and removes it.
    static func use(
        _ settings: FixtureSite.Settings = .init(), configuration: String = "",
        _ body: @Sendable (Workplace) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "transcoder-e2e-\(UUID())").path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let place = Workplace(folder: folder, site: try await FixtureSite.make(at: folder + "/site", settings))
        let outcome: Result<Void, any Error>
        do {
            try place.configure(configuration)
            outcome = .success(try await body(place))
        } catch {
            outcome = .failure(error)
        }
        // A server of the test's own is gone by now, and its data with it.
        try? await place.site.remove()
        try outcome.get()
    }

    /// Writes the configuration: the site, a status file, and `more`.
    func configure(_ more: String = "") throws {
        try Data("site: \(site.root)\nstatus_file: \(statusFile)\n\(more)\n".utf8).write(to: URL(filePath: config))
    }

    /// Runs a command of the program with the site's configuration, to its end.
    func run(_ command: String, _ arguments: String...) async throws -> Program.Result {
        try await Program.run(Built.transcoder, [command, "--config", config] + arguments)
    }

    /// Starts a daemon; `body` must leave it ended, or it is killed.
    func daemon<T: Sendable>(
        _ arguments: String..., body: @Sendable (Program) async throws -> T
    ) async throws -> T {
        let daemon = try Program(Built.transcoder, ["daemon", "--config", config] + arguments)
        do {
            return try await body(daemon)
        } catch {
            daemon.signal(SIGKILL)
            throw FixtureError("\(error)\nThe daemon said:\n\(daemon.errorsSoFar)")
        }
    }

    /// Lets the daemon do all that waits, and expects it to end well.
    func untilIdle() async throws {
        let result = try await run("daemon", "--until-idle")
        #expect(result.status == 0, "\(result.errors)")
    }

    /// Publishes a file of the fixtures' media and returns its row's id and the post's.
    func publish(
        _ media: String, as place: Place = .post, expect outcome: ExpectedEnd.Outcome = .done, codes: [String] = []
    ) async throws -> (file: Upload, id: Int64) {
        let path = media.hasPrefix("/") ? media : Built.media + "/" + media
        return try await site.publish(path, as: place, expecting: outcome, codes: codes)
    }

    /// Expects each file to be as it should, and nothing left of the work.
    func expectAllInOrder() async throws {
        for check in try await site.check() {
            for fault in check.faults { Issue.record("\(check.expectation.upload.name): \(fault)") }
        }
        #expect(site.hiddenFiles() == [])
    }

    /// Of our table's row of a file; nil too while there is no such table.
    func job(_ file: Int64) async throws -> SQLRow? {
        let table = site.table("transcoder_jobs")
        do {
            return try await site.database.read { session in
                try session.query("select * from \(table) where file_id = \(file)").first
            }
        } catch let error as SQLError where error.code == .noTable {
            return nil
        }
    }
}

/// Looks again and again until `condition` holds. The pause is only between looks: what is waited for ends the wait.
func until(
    _ what: String, within limit: Duration = .seconds(400), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw FixtureError("waited \(limit) in vain for: \(what)") }
        try await Task.sleep(for: .milliseconds(30))
    }
}
