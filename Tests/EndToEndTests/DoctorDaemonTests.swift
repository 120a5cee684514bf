import Foundation
import SQL
import SiteFixture
import Testing

/// What `transcoder doctor` says of daemons at odds with each other, or with what he looks at.
@Suite(.serialized)
struct DoctorDaemonTests {
    /// Starts a daemon with a configuration, and waits until it tells its status.
    private func daemon(_ place: Workplace, config: String, as program: [String] = [], _ body: () async throws -> Void) async throws {
        let all = program + [Built.transcoder, "daemon", "--config", config]
        let daemon = try Program(all[0], Array(all.dropFirst()))
        let outcome: Result<Void, any Error>
        do {
            try await until("it runs") { try await place.run("status", "--json").output.contains("\"state\" : \"running\"") }
            outcome = .success(try await body())
        } catch {
            outcome = .failure(FixtureError("\(error)\nThe daemon said:\n\(daemon.errorsSoFar)"))
        }
        daemon.signal(SIGTERM)
        _ = await daemon.result()
        try outcome.get()
    }

    @Test func aDaemonOfAnotherConfiguration() async throws {
        try await Workplace.use { place in
            try await place.doctor("✓ daemon: Not running", place.statusFile, ends: 0)
            let other = place.folder + "/other.yaml"
            try FileManager.default.copyItem(atPath: place.config, toPath: other)
            try await daemon(place, config: other) {
                try await place.doctor(
                    "! daemon: The daemon that writes \(place.statusFile)", "uses another configuration: /", "/other.yaml. Their statuses are mixed",
                    "its own “status_file”", ends: 0)
                // Two of one configuration are as they should be: the second takes a name of its own.
                try await daemon(place, config: place.config) {
                    try await until("both are seen") { try await place.doctor(ends: 0).contains("✓ daemon: Process") }
                }
            }
            try await place.doctor("✓ daemon: Not running", ends: 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aDaemonOfAnotherUser() async throws {
        try await Workplace.use { place in
            let owned = try await Program.run("chown", ["-R", "65534:65534", place.folder])
            #expect(owned.status == 0)
            let lowered = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            try await daemon(place, config: place.config, as: lowered) {
                // Root looks with its eyes.
                try await place.doctor("✓ daemon: Process", "\(place.site.storagePath) is writable for nobody; ", ends: 0)
                try await place.doctor("✓ daemon: Process", as: .nobody)
            }
        }
    }

    @Test func aDaemonThatDiedIsAFault() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it runs") { try await place.run("status", "--json").output.contains("\"state\" : \"running\"") }
                daemon.signal(SIGKILL)
                _ = await daemon.result()
                try await place.doctor(
                    "✗ daemon: The daemon (process \(daemon.processID)) is gone without having been stopped", "“systemctl start transcoder”", ends: 1)
            }
            try await place.untilIdle()
            try await place.doctor("✓ daemon: Not running", ends: 0)
        }
    }

    /// What a daemon wrote, as another one would have.
    @Test func aDaemonOfAnotherVersionOrHost() async throws {
        try await Workplace.use { place in
            try await place.untilIdle()
            let file = URL(filePath: place.statusFile)
            var status = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            status["state"] = "running"
            status["pid"] = getpid()
            status["updated_at"] = Date.now.ISO8601Format()
            status["version"] = "0.0.1"
            try JSONSerialization.data(withJSONObject: status).write(to: file)
            try await place.doctor("! daemon: ", "(process \(getpid())) is version 0.0.1, but this program is", "systemctl restart", ends: 0)
            status["host"] = "elsewhere"
            try JSONSerialization.data(withJSONObject: status).write(to: file)
            try await place.doctor("! daemon: A daemon on elsewhere writes \(place.statusFile), too", "On each host", ends: 0)
            status["updated_at"] = Date(timeIntervalSinceNow: -3600).ISO8601Format()
            try JSONSerialization.data(withJSONObject: status).write(to: file)
            try await place.doctor("✓ daemon: Not running", ends: 0)
        }
    }

    @Test func metricsOfAnotherSite() async throws {
        try await Workplace.use { place in
            let file = place.folder + "/transcoder.prom"
            try place.configure("metrics_file: \(file)")
            try await daemon(place, config: place.config) {
                try await until("it counts") { FileManager.default.fileExists(atPath: file) }
                try await place.doctor("✓ metrics file: The daemon can write \(file).", ends: 0)
                try await Workplace.use(configuration: "metrics_file: \(file)") { another in
                    try await another.doctor(
                        "! metrics file: The daemon of another site, \(place.site.root), writes \(file), too", "its own “metrics_file”",
                        ends: 0)
                }
            }
        }
    }

    // MARK: claims

    private static let elsewhere = "elsewhere/another-boot.another-machine.1/4711/12"

    /// As if somebody had claimed the file, with so many seconds of the claim left.
    private func claim(_ place: Workplace, _ file: Int64, owner: String, left: Int64) async throws {
        let (jobs, files) = (place.site.table("transcoder_jobs"), place.site.table("files"))
        let moment = Int64(Date().timeIntervalSince1970 * 1000) + left * 1000
        try await place.site.database.write { session in
            try session.execute("delete from \(jobs) where file_id = \(file)")
            try session.execute(
                "insert into \(jobs) (file_id, state, token, owner, leased_until) values (\(file), 'running', 1, \(owner), \(moment))")
            try session.execute("update \(files) set transcoding_state = 2 where id = \(file)")
        }
    }

    @Test(arguments: Workplace.databases)
    func claimsThatNobodyTakesUp(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await place.untilIdle()
            let file = try await place.publish("tune.mp3").file
            try await claim(place, file.id, owner: Self.elsewhere, left: -60)
            #expect(try await !place.doctor(ends: 0).contains("claims"), "a daemon may be about to take it up")
            try await claim(place, file.id, owner: Self.elsewhere, left: -600)
            try await place.doctor("✗ claims: Claims expired", "file \(file.id).", "systemctl start transcoder", ends: 1)
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 3)
            #expect(try await !place.doctor(ends: 0).contains("claims"))
        }
    }

    @Test(arguments: Workplace.databases)
    func anotherHostsClaim(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await place.untilIdle()
            let file = try await place.publish("tune.mp3").file
            try await claim(place, file.id, owner: Self.elsewhere, left: 600)
            if database == .sqlite {
                try await place.doctor(
                    "! claims: A daemon on elsewhere also works on this site (file \(file.id))", place.site.databasePath, "MariaDB or PostgreSQL",
                    ends: 0)
                // Another container of this very machine.
                let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).prefix { !$0.isNewline }
                try await claim(place, file.id, owner: "container/\(boot).x.1/4711/12", left: 600)
            }
            #expect(try await !place.doctor(ends: 0).contains("claims"))
        }
    }
}
