import Foundation
import SQL
import SiteFixture
import Testing

/// How a running daemon comes to know of work. The poll is an hour away: nothing is found by it.
@Suite(.serialized)
struct NotifyTests {
    private static let servers = SQLDialect.allCases.filter {
        $0 != .sqlite && ProcessInfo.processInfo.environment["DATABASES_\($0.rawValue.uppercased())"] != nil
    }
    private static let hour = "poll: 1h"

    private func done(_ file: Upload, _ place: Workplace) async throws {
        try await until("\(file.name) is done") { try await place.site.file(file.id).state == 3 }
    }

    @Test(.enabled(if: servers.contains(.postgresql)))
    func postgresqlWakesByTheTriggersThatInitInstalls() async throws {
        try await Workplace.use(.init(database: .postgresql), configuration: Self.hour) { place in
            let dry = try await place.run("init", "--site", place.site.root, "--dry-run")
            #expect(dry.output.contains("CREATE TRIGGER transcoder_wake AFTER INSERT OR UPDATE OF"), "\(dry.output)")
            let first = try await place.run("init", "--site", place.site.root)
            #expect(first.status == 0 && first.output.contains("pg_notify"), "\(first.output)\(first.errors)")
            #expect(first.errors.contains("The database wakes the daemon."))
            let second = try await place.run("init", "--site", place.site.root)
            #expect(second.output == "" && second.errors.contains("The database is up to date."), "\(second.errors)")
            try await place.daemon { daemon in
                for media in ["tune.mp3", "hello.wav"] { try await done(try await place.publish(media).file, place) }
                try await stop(daemon)
            }
            let removed = try await place.run("init", "--site", place.site.root, "--remove-triggers")
            #expect(removed.status == 0 && removed.output.contains("DROP FUNCTION IF EXISTS"), "\(removed.output)\(removed.errors)")
            try await place.expectAllInOrder()
        }
    }

    @Test(arguments: servers)
    func withoutTriggersChangesAreLookedFor(database: SQLDialect) async throws {
        try await Workplace.use(.init(database: database), configuration: Self.hour) { place in
            let set = try await place.run("init", "--site", place.site.root, "--no-triggers")
            #expect(!set.output.contains("TRIGGER") && set.errors.contains("The daemon polls"), "\(set.output)\(set.errors)")
            try await place.daemon { daemon in
                for media in ["tune.mp3", "hello.wav"] { try await done(try await place.publish(media).file, place) }
                try await stop(daemon)
            }
            try await place.expectAllInOrder()
        }
    }

    /// A file that is enabled later is what no look for changes sees: only the notification wakes.
    @Test(.enabled(if: servers.contains(.mariadb)))
    func aNotificationWakesAndIsAnswered() async throws {
        try await Workplace.use(.init(database: .mariadb), configuration: Self.hour) { place in
            let socket = place.folder + "/s"
            try place.configure("\(Self.hour)\nsocket: \(socket)")
            let (file, post) = try await place.publish("tune.mp3")
            try await place.site.set("is_enabled", "0", file: file.id)
            try await place.daemon { daemon in
                let other = try await place.publish("hello.wav").file
                try await done(other, place)
                #expect(try await place.site.file(file.id).state == 1)
                try await place.site.set("is_enabled", "1", file: file.id)
                let answer = try await notify(["--unix-socket", socket, "http://localhost/notify"], post: post)
                // The look that follows the other's end may come as late as this.
                let answers = ["waiting", "running"].map { state in
                    #"{"files":[{"fid":"\#(file.fid)","id":\#(file.id),"state":"\#(state)","taken":true}],"woken":true}"# + "\n"
                }
                #expect(answers.contains(answer), "\(answer)")
                try await done(file, place)

                // A second one works, without the socket.
                let second = try Program(
                    Built.transcoder, ["daemon", "--config", place.config], environment: ["TRANSCODER_STATUS_FILE": place.folder + "/2.json"])
                try await until("it says so") { second.errorsSoFar.contains("another program listens there") }
                try await until("it works") { FileManager.default.fileExists(atPath: place.folder + "/2.json") }
                second.signal(SIGTERM)
                #expect(await second.result().status == 0)
                daemon.signal(SIGKILL)
                _ = await daemon.result()
            }
            #expect(FileManager.default.fileExists(atPath: socket))
            try await place.daemon { daemon in
                try await until("it listens again") { daemon.errorsSoFar.contains("Notifications are accepted at \(socket).") }
                #expect(try await notify(["--unix-socket", socket, "http://localhost/notify"], post: post).contains(#""state":"done""#))
                try await stop(daemon)
            }
            #expect(!FileManager.default.fileExists(atPath: socket))
            try await place.expectAllInOrder()
        }
    }

    @Test func overHTTPWithAToken() async throws {
        try await Workplace.use { place in
            let token = "0123456789-a-secret-of-this-test"
            let file = place.folder + "/token"
            try Data((token + "\n").utf8).write(to: URL(filePath: file))
            try place.configure("http: {listen: \"127.0.0.1:0\", token_file: \(file)}\nlog_level: debug")
            let (upload, post) = try await place.publish("bad/text.mp4", expect: .failed)
            try await place.daemon { daemon in
                try await until("it is looked at") { try await place.site.file(upload.id).state == 4 }
                let words = daemon.errorsSoFar.split { $0.isWhitespace }
                let address = try #require(words.first { $0.hasPrefix("http://127.0.0.1:") }?.dropLast())
                let right = try await notify(["-H", "Authorization: Bearer \(token)", String(address)], post: post)
                #expect(right.contains(#""state":"failed""#) && right.contains(#""taken":false"#), "\(right)")
                let wrong = try await notify(["-H", "Authorization: Bearer \(token)x", "-w", "%{http_code}", String(address)], post: post)
                #expect(wrong.hasSuffix("401") && !wrong.contains("woken\":true"), "\(wrong)")
                #expect(!daemon.errorsSoFar.contains(token))
                try await stop(daemon)
            }
        }
    }

    @Test func aTokenFileThatCannotBeUsedIsNamed() async throws {
        try await Workplace.use { place in
            let file = place.folder + "/token"
            try place.configure("http: {listen: \"127.0.0.1:0\", token_file: \(file)}")
            for content in [nil, "short", "", "two words-that-are-long-enough"] {
                if let content { try Data(content.utf8).write(to: URL(filePath: file)) }
                let result = try await place.run("daemon")
                #expect(result.status == 2 && result.errors.contains("http.token_file \(file)"), "\(result.errors)")
                #expect(!result.errors.contains("long-enough"))
            }
        }
    }

    private func notify(_ arguments: [String], post: Int64) async throws -> String {
        let body = #"{"tableName":"posts","primaryId":\#(post),"changeType":"created"}"#
        let result = try await Program.run("curl", ["--silent", "--show-error", "--max-time", "60", "--data", body] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }
}
