import Foundation
import SQL
import SiteFixture
import Testing

/// The dashboard of a real daemon, asked by curl: who may see it, and what it does.
@Suite(.serialized)
struct DashboardTests {
    private static let token = "0123456789-a-secret-of-this-test"

    /// - Parameter keys: further keys of `http`.
    private func use(
        _ database: SQLDialect = .sqlite, keys: String = "", more: String = "",
        _ body: @Sendable (Workplace, _ daemon: Program, _ address: String) async throws -> Void
    ) async throws {
        try await Workplace.use(database) { place in
            let file = place.folder + "/token"
            try Data((Self.token + "\n").utf8).write(to: URL(filePath: file))
            try place.configure("http: {listen: \"127.0.0.1:0\", dashboard: on, metrics: on, token_file: \(file)\(keys)}\n\(more)")
            try await place.daemon { daemon in
                try await until("it is served") { daemon.errorsSoFar.contains("The dashboard is at http://") }
                let word = try #require(daemon.errorsSoFar.split { $0.isWhitespace }.first { $0.hasPrefix("http://127.0.0.1:") })
                try await body(place, daemon, String(word.split(separator: "/")[1]))
            }
        }
    }

    private func ask(_ address: String, _ path: String, _ more: [String] = [], token: String? = DashboardTests.token) async throws -> (status: Int, text: String) {
        let login = token.map { ["-u", "alice:\($0)"] } ?? []
        let result = try await Program.run(
            "curl", ["--silent", "--show-error", "--path-as-is", "--max-time", "60", "-w", "\n%{http_code}", "http://\(address)\(path)"] + login + more)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n").trimmingCharacters(in: .newlines))
    }

    @Test func itIsServedUnderItsAllowedNames() async throws {
        try await use(keys: ", allowed_hosts: [media.example.org, \"other.example.org:8443\"]") { place, daemon, address in
            func status(_ host: String, _ path: String = "/", _ more: [String] = [], token: String? = Self.token) async throws -> Int {
                try await ask(address, path, ["-H", "Host: \(host)"] + more, token: token).status
            }
            for host in ["media.example.org", "Media.Example.ORG:443", "other.example.org:8443", address] { #expect(try await status(host) == 200, "\(host)") }
            for host in ["other.example.org", "evil.example", "media.example.org.evil.example"] { #expect(try await status(host) == 421, "\(host)") }
            #expect(try await status("evil.example", "/", ["-H", "X-Forwarded-Host: media.example.org"]) == 421)
            let refused = try await ask(address, "/dashboard.json", ["-H", "Host: evil.example"])
            #expect(refused.text == #"{"error":"The host “evil.example” is not allowed here: add it to http.allowed_hosts, or use 127.0.0.1, [::1] or localhost."}"#)
            #expect(try await status("media.example.org", "/metrics") == 421, "only the dashboard")
            #expect(try await status("media.example.org", token: nil) == 401)
            for (path, token) in [("/", nil), ("/nowhere", Self.token), ("/", "wrong-0123456789")] as [(String, String?)] {
                let answer = try await ask(address, path, token: token)
                #expect(answer.text.hasPrefix(#"{"error":""#) && !answer.text.contains("woken"), "\(answer.text)")
            }
            // Notifications keep their own form.
            #expect(try await ask(address, "/notify", ["--data", "{}"], token: nil).text.contains(#""woken":false"#))
            try await stop(daemon)
        }
    }

    @Test(arguments: [
        ("http: {listen: \"127.0.0.1:0\", dashboard: on, allowed_hosts: media.example.org}", "http.allowed_hosts needs a token"),
        ("http: {listen: \"127.0.0.1:0\", dashboard: on, token: 0123456789abcdef, allowed_hosts: \"https://media.example.org\"}", "http.allowed_hosts"),
        ("http: {listen: \"127.0.0.1:0\", dashboard: on, token: 0123456789abcdef, allowed_hosts: [a.example, \"*.example.org\"]}", "must be a list of host names"),
    ])
    func aNameThatIsNoneIsRefused(configuration: String, words: String) async throws {
        try await Workplace.use(configuration: configuration) { place in
            let daemon = try await place.run("daemon")
            #expect(daemon.status == 2 && daemon.errors.contains(words), "\(daemon.errors)")
            try await place.doctor("✗ configuration: ", words, ends: 1)
        }
    }

    private static let own = ["-X", "POST", "-H", "Sec-Fetch-Site: same-origin"]

    @Test(arguments: Workplace.databases)
    func aFileIsRetriedAndCancelledByHand(database: SQLDialect) async throws {
        try await use(database) { place, daemon, address in
            let bad = try await place.publish("bad/text.mp4", expect: .failed).file
            try await until("it failed") { try await place.site.file(bad.id).state == 4 }
            let path = "/files/\(bad.id)/retry"
            // Nothing of these changes a row.
            let refusals: [([String], String?, Int)] = [
                (Self.own, nil, 401), (Self.own, "wrong-0123456789", 401), (["-X", "POST"], Self.token, 403),
                (["-X", "POST", "-H", "Sec-Fetch-Site: cross-site"], Self.token, 403), (["-X", "POST", "-H", "Sec-Fetch-Site: same-site"], Self.token, 403),
                (["-X", "POST", "-H", "Origin: http://evil.example"], Self.token, 403), ([], Self.token, 405), (Self.own + ["-H", "Host: evil.example"], Self.token, 421),
                (Self.own + ["--data", "x=1"], Self.token, 413),
            ]
            let token = try await place.job(bad.id)?.int("token")
            for (more, shown, status) in refusals { #expect(try await ask(address, path, more, token: shown).status == status, "\(more)") }
            #expect(try await place.job(bad.id)?.int("token") == token)
            #expect(try await place.site.file(bad.id).state == 4)
            #expect(try await ask(address, "/files/999999/retry", Self.own).status == 409)
            #expect(try await ask(address, "/files/x/retry", Self.own).status == 404)

            let retried = try await ask(address, path, Self.own)
            #expect(retried.status == 200 && retried.text == #"{"done":"File \#(bad.id) is queued again."}"#, "\(retried.text)")
            try await until("it failed again") { 
                let (now, state) = (try await place.job(bad.id)?.int("token") ?? 0, try await place.site.file(bad.id).state)
                return now > (token ?? 0) + 1 && state == 4
            }
            let again = try await ask(address, "/files/\(bad.id)/cancel", ["-X", "POST", "-H", "Origin: http://\(address)"])
            #expect(again.status == 409 && again.text.contains("has already failed"), "\(again.text)")
            // A program with a bearer token is no browser.
            #expect(try await ask(address, path, ["-X", "POST", "-H", "Authorization: Bearer \(Self.token)"], token: nil).status == 200)
            try await until("it failed once more") { try await place.site.file(bad.id).state == 4 }
            let said = try await stop(daemon).errors
            #expect(said.contains("File \(bad.id) is queued again. By the dashboard, for “alice” at 127.0.0.1."), "\(said)")
            #expect(said.contains("tried to retry file \(bad.id)") && !said.contains(Self.token), "\(said)")
        }
    }

    @Test func aRunningFileIsCancelled() async throws {
        try await use(more: "threads: 1") { place, daemon, address in
            let film = try await LongFilm.shared.path(seconds: 120)
            let file = try await place.publish(film, expect: .failed, codes: ["cancelled"]).file
            try await until("it runs") { try await place.site.file(file.id).state == 2 }
            let answer = try await ask(address, "/files/\(file.id)/cancel", Self.own)
            #expect(answer.status == 200 && answer.text.contains("is cancelled"), "\(answer.text)")
            #expect(try await place.site.file(file.id).state == 4)
            try await until("nothing runs") {
                let story = try JSONSerialization.jsonObject(with: Data(try await ask(address, "/files/\(file.id)/story").text.utf8)) as? [String: Any]
                return story?["running"] == nil && story?["state"] as? String == "cancelled"
            }
            try await stop(daemon)
            try await place.expectAllInOrder()
        }
    }

    @Test func aFileHasAPage() async throws {
        try await use { place, daemon, address in
            let (file, post) = try await place.publish("phone-rotated.mp4")
            let bad = try await place.publish("bad/text.mp4", expect: .failed).file
            try await until("both are over") { [try await place.site.file(file.id).state, try await place.site.file(bad.id).state] == [3, 4] }
            let posts = place.site.table("posts")
            let name = try #require(try await place.site.database.read { session in try session.query("select pid from \(posts) where id = \(post)").first?.text("pid") })
            func story(_ id: Int64) async throws -> [String: Any] {
                try #require(try JSONSerialization.jsonObject(with: Data(try await ask(address, "/files/\(id)/story").text.utf8)) as? [String: Any])
            }
            let done = try await story(file.id)
            let published = try await place.site.file(file.id)
            #expect(done["state"] as? String == "done" && done["acts"] as? Bool == true && done["path"] as? String == published.path)
            let link = ["kind": "post", "address": "https://fresns.example/post/\(name)"]
            #expect((done["pages"] as? [[String: String]]) == [link], "\(done)")
            let media = try #require(done["address"] as? String)
            #expect(media.hasSuffix("/storage/\(published.path)"), "\(media)")
            let origin = media.components(separatedBy: "/storage/")[0]
            let page = try await ask(address, "/files/\(file.id)", ["-i"])
            #expect(page.status == 200 && page.text.contains("media-src \(origin); ") && page.text.contains("<html lang=\"en\">"), "\(page.text)")
            let failed = try await story(bad.id)
            #expect(failed["code"] as? String == "not-media" && failed["reason"] as? String == "The file is text, not audio or video.")
            #expect(try await ask(address, "/dashboard.json").text.contains("https://fresns.example/post/\(name)"))

            // A site that lends its addresses for a time gives none here.
            try await place.set("video_temporary_url_status", "true")
            #expect(try await story(file.id)["address"] == nil)
            #expect(try await !ask(address, "/files/\(file.id)", ["-i"]).text.contains("media-src"))
            // What is no web address becomes no link.
            for root in ["javascript:alert(1)//", "https://x\" onclick=\"y", "ftp://x"] {
                try await place.set("site_url", root)
                #expect((try await story(file.id)["pages"] as? [Any])?.isEmpty == true, "\(root)")
            }
            for path in ["/files/0/story", "/files/x/story", "/files/99999999999999999999/story", "/files/-1/story"] { #expect(try await ask(address, path).status == 404, "\(path)") }
            for path in ["/files/\(file.id)", "/files/\(file.id)/story"] { #expect(try await ask(address, path, token: nil).status == 401) }
            try await stop(daemon)
        }
    }

    @Test func withoutATokenNothingCanBeDone() async throws {
        try await Workplace.use(configuration: "http: {listen: \"127.0.0.1:0\", dashboard: on}") { place in
            try await place.daemon { daemon in
                try await until("it is served") { daemon.errorsSoFar.contains("The dashboard is at http://") }
                let word = try #require(daemon.errorsSoFar.split { $0.isWhitespace }.first { $0.hasPrefix("http://127.0.0.1:") })
                let address = String(word.split(separator: "/")[1])
                let answer = try await ask(address, "/files/1/retry", Self.own, token: nil)
                #expect(answer.status == 403 && answer.text.contains("http.token_file"), "\(answer.text)")
                #expect(try await ask(address, "/dashboard.json", token: nil).text.contains(#""acts":false"#))
                try await stop(daemon)
            }
        }
    }

    /// In the site's language, or the one that the configuration names.
    @Test(arguments: [("zh-Hans", "", "队列"), ("zh-TW", "", "佇列"), ("en", "language: zh-Hans", "队列"), ("de", "", "Queue")])
    func itSpeaksTheSitesLanguage(tag: String, configuration: String, word: String) async throws {
        try await use(more: configuration) { place, daemon, address in
            let configs = place.site.table("configs")
            try await place.site.database.write { session in
                _ = try session.execute("delete from \(configs) where item_key = 'default_language'")
                _ = try session.execute("insert into \(configs) (item_key, item_value, item_type) values ('default_language', \(tag), 'string')")
            }
            try await until("it does") { try await ask(address, "/").text.contains(word) }
            #expect(try await ask(address, "/texts.js").text.contains(word))
            #expect(try await ask(address, "/files/1").text.contains("<html lang="))
            try await stop(daemon)
        }
    }
}
