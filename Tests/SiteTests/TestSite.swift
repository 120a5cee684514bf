import Foundation
import Jobs
import SiteFixture

import Verdicts
@testable import SQL
@testable import Site

/// A Fresns-shaped site of one test, removed with it. `fixture` writes as the application does, through a connection of its own.
final class TestSite: Sendable {
    let fixture: FixtureSite
    let site: Site

    /// Both versions' columns, with the installer's prefix and without one, on each database that is there.
    static let kinds: [FixtureSite.Settings] =
        Edition.allCases.flatMap { edition in ["fs_", ""].map { FixtureSite.Settings(edition: edition, prefix: $0) } }
        + databases.filter { $0 != .sqlite }.flatMap { database in
            [
                FixtureSite.Settings(edition: .v2, prefix: database == .mariadb ? "" : "fs_", database: database),
                .init(edition: .v3, prefix: database == .mariadb ? "fs_" : "", database: database),
            ]
        }

    /// SQLite, and the servers that scripts/databases.sh has started.
    static let databases = SQLDialect.allCases.filter {
        $0 == .sqlite || ProcessInfo.processInfo.environment["DATABASES_\($0.rawValue.uppercased())"] != nil
    }

    static let me = Owner(host: "here", bootID: "boot", pid: 100, startTime: 1)
    static let other = Owner(host: "here", bootID: "boot", pid: 200, startTime: 2)

    init(_ settings: FixtureSite.Settings = .init(), now: @escaping @Sendable () -> Date = { Date() }) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/site-tests-" + UUID().uuidString
        fixture = try await FixtureSite.make(at: folder, settings)
        site = try await Site.open(SiteSettings.read(siteFolder: folder), now: now)
        _ = try await site.prepare()
    }

    deinit {
        // Servers are asked in the background: what is left when the tests end goes with the servers.
        if fixture.settings.database == .sqlite {
            try? FileManager.default.removeItem(atPath: fixture.root)
        } else {
            Task.detached { [fixture, site] in
                await site.close()
                try? await fixture.remove()
            }
        }
    }

    /// A second worker on the same database.
    func another() async throws -> Site { try await Site.open(SiteSettings.read(siteFolder: fixture.root)) }

    /// Runs a statement as the application would; `files` and the like stand for the prefixed names in braces.
    @discardableResult
    func run(_ query: Query) async throws -> [SQLRow] {
        var prefixed = query
        prefixed.texts = query.texts.map { text in
            let text = text.replacing("{", with: fixture.settings.prefix).replacing("}", with: "")
            // The flags of v2 are numbers.
            guard fixture.edition == .v2 else { return text }
            return text.replacing(#/(is_enabled?|physical_deletion) = (TRUE|FALSE)/#) { "\($0.1) = \($0.2 == "TRUE" ? 1 : 0)" }
        }
        return try await fixture.database.write { [prefixed] session in try session.query(prefixed) }
    }

    /// Runs a statement through SQLite's own shell: another program, at once and from wherever it is called.
    func shell(_ sql: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [fixture.databasePath, sql]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw ShellFailed() }
    }

    struct ShellFailed: Error {}

    /// A video in a published post.
    func post(name: String = "clip.mov") async throws -> Upload {
        try await fixture.publish(nil, as: .post, name: name).file
    }

    func claim(_ file: Upload, owner: Owner = TestSite.me, lease: Duration = .seconds(60), force: Bool = false) async throws -> Claim? {
        let path = try await fixture.file(file.id).path
        return try await site.claim(file.id, path: path, owner: owner, lease: lease, force: force)
    }

    /// The ids that wait, newest first.
    func waiting(since: Date? = nil) async throws -> [Int64] {
        try await site.waiting(limit: 100, since: since).map(\.file.id)
    }

    static func result(
        path: String? = "videos/posts/202601/02/new.mp4", poster: String? = "videos/posts/202601/02/new.jpg"
    ) -> FileResult {
        FileResult(
            newPath: path, posterPath: poster, mime: "video/mp4", extension: "mp4", size: 123_456,
            sha256: String(repeating: "a", count: 64), md5: String(repeating: "b", count: 32), width: 1280, height: 720,
            duration: 12)
    }
}

extension Site {
    /// As by a moment of this machine's clock.
    func fail(_ claim: Claim, _ verdict: Verdict, retryAt moment: Date?) async throws -> Bool {
        try await fail(claim, verdict, retryAfter: moment.map { .seconds(max(0, $0.timeIntervalSinceNow)) })
    }
}
