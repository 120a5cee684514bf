import Foundation
import SiteFixture
import Testing

/// What passes by itself never ends the service: exit code 2, after which systemd does not start it again, is for what only an
/// operator can mend. And nothing that a start says holds a secret.
@Suite(.serialized)
struct StartTests {
    @Test func storageThatIsNotThereYet() async throws {
        try await Workplace.use { place in
            let storage = place.site.storagePath
            try FileManager.default.moveItem(atPath: storage, toPath: storage + "-away")
            let result = try await place.run("daemon", "--until-idle")
            #expect(result.status == 75 && result.errors.contains("The storage folder “\(storage)” cannot be opened"), "\(result.errors)")
            try FileManager.default.moveItem(atPath: storage + "-away", toPath: storage)
            try await place.untilIdle()
        }
    }

    /// Not mounted yet, or in the midst of a restore: only whoever set it up wrongly has to mend it, and that was found out then.
    @Test(arguments: ["", "/.env", "/database", "/database/database.sqlite"])
    func aSiteThatIsNotThereYet(_ part: String) async throws {
        try await Workplace.use { place in
            let path = place.site.root + part
            try FileManager.default.moveItem(atPath: path, toPath: place.folder + "/away")
            let result = try await place.run("daemon", "--until-idle")
            #expect(result.status == 75 && result.errors.contains("try again later"), "\(result.errors)")
            try FileManager.default.moveItem(atPath: place.folder + "/away", toPath: path)
            try await place.untilIdle()
            // A command that a person typed is told that the place is wrong.
            try FileManager.default.moveItem(atPath: path, toPath: place.folder + "/away")
            #expect(try await place.run("run", "--id", "1").status == 2)
            try FileManager.default.moveItem(atPath: place.folder + "/away", toPath: path)
        }
    }

    /// A port that is taken keeps nobody from working.
    @Test func aPortThatIsTaken() async throws {
        let holder = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(holder) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(holder, $0, length) == 0 && listen(holder, 1) == 0 && getsockname(holder, $0, &length) == 0 }
        }
        try #require(isBound)
        let port = UInt16(bigEndian: address.sin_port)
        try await Workplace.use(configuration: "http: {listen: \"127.0.0.1:\(port)\", metrics: on}") { place in
            let file = try await place.publish("tune.mp3").file
            try await place.daemon { daemon in
                try await until("it says so") { daemon.errorsSoFar.contains("http.listen 127.0.0.1:\(port): Address already in use.") }
                try await until("it works all the same") { try await place.site.file(file.id).state == 3 }
                shutdown(holder, Int32(SHUT_RDWR))
                try await until("the port is taken over") { daemon.errorsSoFar.contains("Metrics are at http://127.0.0.1:\(port)/metrics.") }
                daemon.signal(SIGTERM)
                #expect(await daemon.result().status == 0)
            }
        }
    }

    @Test func aMachineWithNoDescriptorLeft() async throws {
        try await Workplace.use { place in
            // With fewer the loader and the runtime have none for themselves.
            for limit in stride(from: 8, through: 24, by: 2) {
                let result = try await Program.run(
                    "prlimit", ["--nofile=\(limit)", "timeout", "60", Built.transcoder, "daemon", "--until-idle", "--config", place.config])
                #expect(result.status == 75 || result.status == 0, "\(limit): \(result.status) \(result.errors)")
                #expect(result.status == 0 || !result.errors.isEmpty)
            }
        }
    }

    /// Its memory holds the site's passwords.
    @Test func nothingOfItsMemoryIsShown() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it is there") { FileManager.default.fileExists(atPath: place.statusFile) }
                let limits = try String(contentsOfFile: "/proc/\(daemon.processID)/limits", encoding: .utf8).split(separator: "\n")
                let core = try #require(limits.first { $0.hasPrefix("Max core file size") })
                #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(core)")
                var status = stat()
                #expect(stat(place.statusFile, &status) == 0 && status.st_mode & 0o777 == 0o640)
                try await stop(daemon)
            }
        }
    }

    /// Root sees all; to another of its own user a process that may be dumped is open.
    @Test(.enabled(if: geteuid() == 0)) func nobodyOfItsUserMayLookIntoIt() async throws {
        let words = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        try await Workplace.use { place in
            try #require(try await Program.run("chown", ["-R", "65534:65534", place.folder]).status == 0)
            let daemon = try Program("setpriv", words + [Built.transcoder, "daemon", "--config", place.config])
            defer { daemon.signal(SIGKILL) }
            try await until("it is there") { FileManager.default.fileExists(atPath: place.statusFile) }
            var status = stat()
            // The kernel gives these to root where a process may not be dumped.
            #expect(stat("/proc/\(daemon.processID)/environ", &status) == 0 && status.st_uid == 0)
            let look = try await Program.run("setpriv", words + ["cat", "/proc/\(daemon.processID)/environ"])
            #expect(look.status != 0)
            daemon.signal(SIGTERM)
            #expect(await daemon.result().status == 0)
        }
    }

    @Test(arguments: [
        "http: {token: \"S3cr3tWord\nworkers: 2", "database: {password: [S3cr3tWord}", "workers: S3cr3tWord", "S3cr3tWord", "S3cr3tWord: 1",
        "database: {user: x, password: a}\npassword: S3cr3tWord", "retry: mysql://root:S3cr3tWord@host/db", "reserve: &S3cr3tWord *S3cr3tWordx",
    ])
    func noCommandQuotesABrokenConfiguration(_ broken: String) async throws {
        try await Workplace.use(configuration: broken) { place in
            let commands = [
                ["daemon"], ["run", "--id", "1"], ["status"], ["status", "--json"], ["jobs"], ["retry", "--failed"], ["cancel", "--id", "1"],
                ["info", "--id", "1"], ["probe", "/dev/null"], ["plan", "/dev/null"], ["convert", "/dev/null", "-o", place.folder + "/o.mp4"],
                ["doctor"], ["init", "--site", place.site.root],
            ]
            for command in commands {
                let result = try await Program.run(
                    "timeout", ["60", Built.transcoder, command[0], "--config", place.config] + command.dropFirst(),
                    environment: ["TRANSCODER_POLL": "S3cr3tWord"])
                #expect(!(result.output + result.errors).contains("S3cr3tWord"), "\(command): \(result.output)\(result.errors)")
                #expect(result.status == 2 || ["doctor", "init"].contains(command[0]), "\(command): \(result.status)")
            }
        }
    }
}
