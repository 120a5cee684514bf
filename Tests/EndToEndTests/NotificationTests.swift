import Foundation
import SQL
import SiteFixture
import Testing

/// People are told of failures: by a webhook and by a command, once per cause and hour, and when it is over.
@Suite(.serialized)
struct NotificationTests {
    private static let secret = "0123456789abcdef-of-a-secret"

    private func webhook(_ receiver: HookReceiver, _ place: Workplace) throws -> String {
        let file = place.folder + "/webhook-secret"
        try Data("\(Self.secret)\n".utf8).write(to: URL(filePath: file))
        chmod(file, 0o600)
        return "notify: {webhook: {url: \"\(receiver.address)/hook/T0PATH?x=1\", secret_file: \(file)}}"
    }

    /// As a receiver checks it, by another implementation.
    private func expectSigned(_ request: HookReceiver.Request) async throws {
        let stamp = try #require(request.header("X-Transcoder-Timestamp")), signature = try #require(request.header("X-Transcoder-Signature"))
        let program = "import hmac,sys;print('sha256='+hmac.new(sys.argv[1].encode(),sys.argv[2].encode(),'sha256').hexdigest())"
        let own = try await Program.run("python3", ["-c", program, Self.secret, "\(stamp).\(request.body)"])
        #expect(own.output.trimmingCharacters(in: .newlines) == signature, "\(own.errors)")
        #expect(abs(Date().timeIntervalSince1970 - (Double(stamp) ?? 0)) < 300)
    }

    /// Fails twice, then accepts; the same cause again is not told; then that it is over.
    @Test(arguments: Workplace.databases)
    func aFailureIsToldOnceAndThatItIsOver(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            let receiver = try HookReceiver([HookReceiver.answer("500 Internal Server Error", body: "try later"), HookReceiver.answer("503 Service Unavailable")])
            try place.configure(try webhook(receiver, place) + "\nlog_level: debug")
            let bad = try await place.publish("bad/text.mp4", expect: .failed)
            try await place.daemon { daemon in
                try await until("the third attempt") { receiver.requests.count == 3 }
                let requests = receiver.requests
                #expect(requests.map(\.answered) == [500, 503, 204] && Set(requests.map(\.body)).count == 1, "the same message each time")
                for request in requests { try await expectSigned(request) }
                let message = requests[2].message
                #expect(requests[2].head.hasPrefix("POST /hook/T0PATH?x=1 HTTP/1.1") && requests[2].header("Content-Type") == "application/json")
                #expect(message["kind"] as? String == "failure" && message["cause"] as? String == "not-media" && message["code"] as? String == "not-media")
                #expect((message["file"] as? [String: Any])?["id"] as? Int64 == bad.file.id && message["sentence"] as? String == "The file is text, not audio or video.")

                // Another file, the same cause: within the hour it is only counted.
                let other = try await place.publish("bad/text.mp4", expect: .failed)
                try await until("it failed") { try await place.site.file(other.file.id).state == 4 }
                let table = place.site.table("transcoder_notices")
                try await until("it is counted") {
                    try await place.site.database.read { session in try session.query("select failures from \(table)").first?.int("failures") } == 1
                }

                // Both are cancelled by their posts' end; nothing fails any more.
                try await place.site.database.write { session in
                    _ = try session.execute("update \(place.site.table("files")) set deleted_at = '2026-01-01 00:00:00' where id in (\(.list([bad.file.id, other.file.id])))")
                }
                try await until("it is over") { receiver.requests.count == 4 }
                let last = receiver.requests[3]
                try await expectSigned(last)
                #expect(last.message["kind"] as? String == "recovery" && last.message["cause"] as? String == "not-media" && last.message["since"] != nil)
                #expect(last.message["id"] as? String != message["id"] as? String)
                let said = try await stop(daemon).errors
                #expect(said.contains("A notification of “not-media” could not be delivered; it is tried again for a day. \(receiver.address) answered 500"), "\(said)")
                #expect(said.contains("try later") && !said.contains(Self.secret) && !said.contains("T0PATH"), "\(said)")
            }
            #expect(receiver.requests.count == 4)
            receiver.end()
        }
    }

    /// Two daemons on one site: each file's failure is seen by one of them, and the cause is told by one.
    @Test(arguments: Workplace.databases)
    func ofSeveralHostsOneTells(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            let receiver = try HookReceiver()
            try place.configure(try webhook(receiver, place) + "\nworkers: 1\npoll: 200ms")
            try await place.daemon { daemon in
                let second = try Program(
                    Built.transcoder, ["daemon", "--config", place.config], environment: ["TRANSCODER_STATUS_FILE": place.folder + "/2.json"])
                try await until("both work") { FileManager.default.fileExists(atPath: place.folder + "/2.json") && FileManager.default.fileExists(atPath: place.statusFile) }
                var files: [Int64] = []
                for _ in 0..<8 { files.append(try await place.publish("bad/text.mp4", expect: .failed).file.id) }
                for file in files { try await until("it failed") { try await place.site.file(file).state == 4 } }
                second.signal(SIGTERM)
                let said = [try await stop(daemon).errors, await second.result().errors]
                // Both have written and sent what they had.
                #expect(receiver.requests.count == 1, "\(said)")
                let table = place.site.table("transcoder_notices")
                let counted = try await place.site.database.read { session in try session.query("select failures from \(table)").first?.int("failures") }
                #expect(counted == 7)
            }
            receiver.end()
        }
    }

    /// No upload can be converted as long as the reserve is not free; then all can.
    @Test func aFaultOfTheHostIsToldAndItsEnd() async throws {
        try await Workplace.use { place in
            let told = place.folder + "/told"
            // What the command gets, and nothing but that: its words, its standard input, its surroundings.
            let command = place.folder + "/tell"
            try Data("#!/bin/sh\n{ cat; echo \"words: $*\"; env; echo \"the end\"; } >> '\(told)'\n".utf8).write(to: URL(filePath: command))
            chmod(command, 0o755)
            let notify = "notify: {command: [\(command), --to, \"the admin\"]}"
            try place.configure("reserve: 1PiB\n\(notify)".replacing("1PiB", with: "\(1 << 50)"))
            let file = try await place.publish("tune.mp3").file
            try await place.daemon { daemon in
                func lines() -> [String] { ((try? String(contentsOfFile: told, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init) }
                func messages() -> [[String: Any]] {
                    lines().filter { $0.hasPrefix("{") }.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                }
                try await until("it is told") { lines().contains("the end") }
                #expect(messages().count == 1)
                #expect(messages()[0]["kind"] as? String == "failure" && messages()[0]["cause"] as? String == "no-room")
                #expect((messages()[0]["sentence"] as? String)?.contains("wait") == true && messages()[0]["file"] == nil)
                #expect(lines().contains("words: --to the admin"))
                #expect(lines().filter { $0.hasPrefix("TRANSCODER") || $0.hasPrefix("HOME") || $0.contains("SECRET") } == [], "nothing of ours is passed on")
                try place.configure("reserve: 1MB\n\(notify)")
                daemon.signal(SIGHUP)
                try await until("it is over") { messages().count == 2 }
                #expect(messages()[1]["kind"] as? String == "recovery" && messages()[1]["cause"] as? String == "no-room")
                try await until("the file is done") { try await place.site.file(file.id).state == 3 }
                try await stop(daemon)
            }
            try await place.expectAllInOrder()
        }
    }

    @Test func theDoctorSendsATest() async throws {
        try await Workplace.use { place in
            let elsewhere = try HookReceiver()
            let receiver = try HookReceiver([
                HookReceiver.answer("200 OK", body: "thanks"), HookReceiver.answer("302 Found", "Location: \(elsewhere.address)/elsewhere\r\n"),
                HookReceiver.answer("404 Not Found", body: String(repeating: "no such hook ", count: 100_000)),
            ])
            let hook = try webhook(receiver, place)
            try place.configure(hook)
            try await place.doctor("✓ webhook: Messages go to \(receiver.address).")
            #expect(receiver.requests.isEmpty, "without --notify nothing is sent")
            func test() async throws -> Program.Result { try await place.run("doctor", "--notify") }
            let good = try await test()
            #expect(good.output.contains("✓ webhook test: \(receiver.address) answered 200 within"), "\(good.output)")
            #expect(receiver.requests[0].message["kind"] as? String == "test")
            try await expectSigned(receiver.requests[0])
            let redirected = try await test()
            #expect(redirected.status == 1 && redirected.output.contains("✗ webhook test: \(receiver.address) answered 302") && redirected.output.contains("redirects are not followed"))
            #expect(elsewhere.requests.isEmpty)
            elsewhere.end()
            let refused = try await test()
            #expect(refused.status == 1 && refused.output.contains("answered 404 within") && refused.output.contains(": no such hook no such"), "\(refused.output)")
            #expect(refused.output.utf8.count < 5000, "the answer is cut")
            receiver.end()
            let gone = try await test()
            #expect(gone.status == 1 && gone.output.contains("✗ webhook test: \(receiver.address) could not be reached"), "\(gone.output)")
            for said in [good, redirected, refused, gone] { #expect(!said.output.contains(Self.secret) && !said.output.contains("T0PATH"), "\(said.output)") }

            try place.configure("notify: {command: /nowhere/tell}")
            let nowhere = try await test()
            #expect(nowhere.status == 1 && nowhere.output.contains("✗ command test: notify.command: /nowhere/tell could not be started: No such file or directory."), "\(nowhere.output)")
            try place.configure("notify: {command: [sh, -c, \"echo no >&2; exit 3\"]}")
            #expect(try await test().output.contains("✗ command test: notify.command exited with 3: no"))
            try place.configure()
            #expect(try await test().output.contains("✗ notifications: Nothing is configured to send them."))
        }
    }
}
