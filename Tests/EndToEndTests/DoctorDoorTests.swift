import Foundation
import SiteFixture
import Testing

/// What `transcoder doctor` says of the doors for notifications. Each mistake is made on purpose.
@Suite(.serialized)
struct DoctorDoorTests {
    @Test func anOpenDoorIsSeen() async throws {
        try await Workplace.use { place in
            let token = try secret(place, "token")
            let (socket, port) = (place.folder + "/s", try SilentListener().port)
            try place.configure("socket: \(socket)\nhttp: {listen: \"127.0.0.1:\(port)\", token_file: \(token)}")
            let before = try await place.run("doctor")
            #expect(before.output.contains("✓ socket: The daemon can listen at \(socket)"), "\(before.output)")
            #expect(before.output.contains("✓ http: The daemon can listen at 127.0.0.1:\(port)"), "\(before.output)")
            #expect(before.output.contains("✓ token") && before.status == 0, "\(before.output)")
            #expect(!FileManager.default.fileExists(atPath: socket), "it changes nothing")
            try await place.daemon { daemon in
                try await until("it listens") { daemon.errorsSoFar.contains("Notifications are accepted at http://") }
                let result = try await place.run("doctor")
                #expect(result.output.contains("✓ socket: A daemon accepts notifications at \(socket)."), "\(result.output)")
                #expect(result.output.contains("✓ http: A daemon accepts notifications at 127.0.0.1:\(port)."), "\(result.output)")
                #expect(result.status == 0, "\(result.output)")
                daemon.signal(SIGKILL)
                _ = await daemon.result()
            }
            // What the dead one left is no obstacle.
            #expect(FileManager.default.fileExists(atPath: socket))
            #expect(try await place.run("doctor").output.contains("✓ socket: The daemon can listen"))
        }
    }

    @Test func aSocketThatCannotBeMade() async throws {
        try await Workplace.use { place in
            let long = place.folder + "/" + String(repeating: "x", count: 90)
            try await expect(place, "socket: \(long)", "✗ configuration: socket", "at most 90 bytes", "transcoder.example.yaml")
            try await expect(place, "socket: \(place.config)", "✗ socket", "is not a socket", "Move the file")
            try await expect(place, "socket: \(place.config)/s", "✗ socket", "is not a folder", "Set another path")
            try await expect(place, "socket: /nowhere/at/all/s", "✗ socket", "/nowhere/at/all does not exist", "create any other")
            let closed = place.folder + "/closed"
            try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: true)
            chmod(closed, 0o555)
            try await expect(place, "socket: \(closed)/s", "✗ socket", "cannot write to \(closed)", "chown", asNobody: true)
        }
    }

    /// Programs that take connections, and never say a word.
    @Test func aDoorThatIsTaken() async throws {
        try await Workplace.use { place in
            let token = try secret(place, "token")
            let path = place.folder + "/s"
            let (door, local) = (try SilentListener(), try SilentListener(unix: path))
            try await expect(
                place, "socket: \(path)\nhttp: {listen: \"127.0.0.1:\(door.port)\", token_file: \(token)}",
                "✗ socket: Another program, or one that does not answer, listens at \(path)", "Set another path",
                "✗ http: Another program, or one that does not answer, listens at 127.0.0.1:\(door.port)", "Set another port")
            withExtendedLifetime((door, local)) {}
        }
    }

    /// One address serves them all; without a token, a daemon that takes no notifications is no stranger.
    @Test func aDoorForMetricsAlone() async throws {
        try await Workplace.use { place in
            let door = try SilentListener()
            for key in ["metrics", "dashboard"] {
                try await expect(
                    place, "http: {listen: \"127.0.0.1:\(door.port)\", \(key): on}",
                    "✗ http: Another program, or one that does not answer, listens at 127.0.0.1:\(door.port)", "Set another port in http.listen")
            }
            withExtendedLifetime(door) {}
            let port = try SilentListener().port
            try place.configure("http: {listen: \"127.0.0.1:\(port)\", metrics: on, dashboard: on}")
            try await place.daemon { daemon in
                try await until("it listens") { daemon.errorsSoFar.contains("The dashboard is at http://") }
                let result = try await place.run("doctor")
                #expect(result.output.contains("✓ http: A daemon serves its metrics and dashboard at 127.0.0.1:\(port)."), "\(result.output)")
                daemon.signal(SIGTERM)
                _ = await daemon.result()
            }
        }
    }

    @Test func aMetricsFileThatCannotBeWritten() async throws {
        try await Workplace.use { place in
            try place.configure("metrics_file: \(place.folder)/transcoder.prom")
            let good = try await place.run("doctor")
            #expect(good.status == 0 && good.output.contains("✓ metrics file: The daemon can write \(place.folder)/transcoder.prom."), "\(good.output)")
            #expect(!FileManager.default.fileExists(atPath: place.folder + "/transcoder.prom"), "it changes nothing")
            try await expect(place, "metrics_file: \(place.folder)/transcoder.txt", "✗ configuration: metrics_file", "ends with .prom")
            try await expect(place, "metrics_file: /nowhere/at/all/a.prom", "✗ metrics file: /nowhere/at/all does not exist, and the daemon does not create it", "create any other")
            try await expect(place, "metrics_file: \(place.config)/a.prom", "✗ metrics file: \(place.config) is not a folder", "Set another path")
            let (folder, closed) = (place.folder + "/folder.prom", place.folder + "/closed")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await expect(place, "metrics_file: \(folder)", "✗ metrics file: \(folder) is a folder", "Move the folder")
            try FileManager.default.createDirectory(atPath: closed, withIntermediateDirectories: true)
            chmod(closed, 0o555)
            try await expect(
                place, "metrics_file: \(closed)/a.prom", "✗ metrics file: This user (65534) cannot write to \(closed)", "chown",
                asNobody: true)
        }
    }

    @Test func aTokenThatIsMissingOrEverybodys() async throws {
        try await Workplace.use { place in
            let http = "http: {listen: \"127.0.0.1:0\""
            try await expect(place, http + "}", "✗ configuration: http.listen needs a token", "transcoder.example.yaml")
            let path = place.folder + "/token"
            try await expect(place, http + ", token_file: \(path)}", "✗ token: http.token_file \(path)", "openssl rand")
            try Data("two words-of-a-secret".utf8).write(to: URL(filePath: path))
            try await expect(place, http + ", token_file: \(path)}", "✗ token: http.token_file \(path) must contain only", "openssl rand")
            let good = try secret(place, "token")
            chmod(good, 0o644)
            try place.configure(http + ", token_file: \(good)}")
            let result = try await place.run("doctor")
            #expect(result.status == 0 && result.output.contains("! token: Every user of this machine can read or change \(good)"), "\(result.output)")
            #expect(result.output.contains("chmod 640 \(good)") && result.output.contains("✓ http: The daemon picks a free port"), "\(result.output)")
        }
    }

    private func secret(_ place: Workplace, _ name: String) throws -> String {
        let path = place.folder + "/" + name
        try Data("0123456789-a-secret-of-this-test\n".utf8).write(to: URL(filePath: path))
        chmod(path, 0o600)
        return path
    }

    /// - Parameter asNobody: root may write everywhere.
    private func expect(_ place: Workplace, _ configuration: String, _ words: String..., asNobody: Bool = false) async throws {
        try place.configure(configuration)
        let command = [Built.transcoder, "doctor", "--config", place.config]
        let lowered = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        let all = asNobody && geteuid() == 0 ? lowered + command : command
        let result = try await Program.run(all[0], Array(all.dropFirst()))
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        for word in words { #expect(result.output.contains(word), "“\(word)” is missing: \(result.output)\(result.errors)") }
        #expect(!(result.output + result.errors).contains("of-a-secret"))
    }
}
