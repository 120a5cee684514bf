import Foundation
import SiteFixture
import Testing

/// What the daemon tells over HTTP, in its file for node_exporter, and in its log: the built program, and curl.
@Suite(.serialized)
struct MetricsTests {
    private func address(_ daemon: Program, _ what: String) async throws -> String {
        try await until("\(what) is served") { daemon.errorsSoFar.contains(" \(what) http://") || daemon.errorsSoFar.contains("at http://") }
        let word = try #require(daemon.errorsSoFar.split { $0.isWhitespace }.first { $0.hasPrefix("http://127.0.0.1:") })
        return String(word.split(separator: "/")[1].description)
    }

    private func get(_ address: String, _ path: String, _ more: String...) async throws -> (status: Int, text: String) {
        let result = try await Program.run(
            "curl", ["--silent", "--show-error", "--path-as-is", "--max-time", "60", "-w", "\n%{http_code}", "http://\(address)\(path)"] + more)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.dropLast().joined(separator: "\n")
        return (Int(lines.last ?? "") ?? 0, text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }

    @Test func numbersAndHealth() async throws {
        try await Workplace.use { place in
            let file = place.folder + "/transcoder.prom"
            try place.configure("http: {listen: \"127.0.0.1:0\", metrics: on}\nmetrics_file: \(file)\nlog: json")
            let good = try await place.publish("tune.mp3").file
            let bad = try await place.publish("bad/text.mp4", expect: .failed).file
            try await place.daemon { daemon in
                let address = try await address(daemon, "Metrics are at")
                try await until("both are over") {
                    let states = [try await place.site.file(good.id).state, try await place.site.file(bad.id).state]
                    return states == [3, 4]
                }
                try await until("both are counted") {
                    let text = try await get(address, "/metrics").text
                    return text.contains(#"outcome="done",code=""} 1"#) && text.contains(#"outcome="failed",code="not-media"} 1"#)
                }
                let metrics = try await get(address, "/metrics").text
                #expect(metrics.contains(#"transcoder_state{site="\#(place.site.root)",state="running"} 1"#), "\(metrics)")
                try await expectAccepted(metrics + "\n")
                #expect(try await get(address, "/healthz") == (200, #"{"ok":true}"#))
                #expect(try await get(address, "/readyz") == (200, #"{"ok":true}"#))
                // A page that has taken our address for its own name (DNS rebinding).
                #expect(try await get(address, "/metrics", "-H", "Host: attacker.example").status == 421)
                #expect(try await get(address, "/metrics", "-H", "Host: 127.0.0.1.attacker.example").status == 421)
                #expect(try await get(address, "/metrics", "-H", "Host: localhost:1").status == 200)
                #expect(try await get(address, "/notify", "--data", "{}").status == 403, "there is no token")
                #expect(try await get(address, "/").status == 404, "the page is another key's")

                try await until("the file is there") { FileManager.default.fileExists(atPath: file) }
                let text = try String(contentsOfFile: file, encoding: .utf8)
                #expect(text.contains("transcoder_build_info{site=") && text.hasSuffix("\n"))
                let result = try await stop(daemon)
                #expect(!FileManager.default.fileExists(atPath: file), "what does not run has no numbers")
                try expectLog(result.errors, good, bad)
            }
        }
    }

    /// Every line is an object, and a try's end is one line with everything.
    private func expectLog(_ log: String, _ good: Upload, _ bad: Upload) throws {
        let lines = try log.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
        }
        #expect(lines.allSatisfy { $0["time"] is String && $0["level"] is String && $0["message"] is String })
        func end(_ file: Upload) throws -> [String: Any] {
            let ends = lines.filter { ($0["file_id"] as? Int).map(Int64.init) == file.id && $0["outcome"] != nil }
            #expect(ends.count == 1)
            return try #require(ends.first)
        }
        let done = try end(good)
        #expect(done["outcome"] as? String == "done" && done["fid"] as? String == good.fid && done["attempt"] as? Int == 1)
        for name in ["seconds", "transcoding_seconds", "publishing_seconds", "bytes_in", "bytes_out", "media_seconds", "processor_seconds"] {
            #expect(done[name] is Double, "\(name)")
        }
        let failed = try end(bad)
        #expect(failed["outcome"] as? String == "failed" && failed["code"] as? String == "not-media")
        let about = lines.filter { ($0["message"] as? String)?.contains("file \(good.id) ") == true }
        #expect(about.count >= 2 && about.allSatisfy { ($0["file_id"] as? Int).map(Int64.init) == good.id })
    }

    /// Prometheus' own tool, where it is installed: make test-dashboard does that.
    private func expectAccepted(_ metrics: String) async throws {
        guard try await Program.run("sh", ["-c", "command -v promtool"]).status == 0 else { return }
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/metrics-\(UUID())"
        try Data(metrics.utf8).write(to: URL(filePath: folder))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let result = try await Program.run("sh", ["-c", "promtool check metrics < '\(folder)'"])
        #expect(result.status == 0 && result.output + result.errors == "", "\(result.output)\(result.errors)")
        let rules = try await Program.run("promtool", ["check", "rules", Built.packageRoot + "/docs/alerts.yaml"])
        #expect(rules.status == 0, "\(rules.output)\(rules.errors)")
    }

    /// The page, and what a stranger might make of it.
    /// What is served goes by the configuration as it is now, and not as it was at the start.
    @Test func numbersFollowANewConfiguration() async throws {
        @Sendable func settings(_ more: String) -> String { "http: {listen: \"127.0.0.1:0\", metrics: on, dashboard: on}\n\(more)" }
        try await Workplace.use(configuration: settings("workers: 1")) { place in
            try await place.daemon { daemon in
                let address = try await address(daemon, "The dashboard")
                func told() async throws -> (metrics: Bool, page: Int?) {
                    let text = try await get(address, "/metrics").text
                    let page = try JSONSerialization.jsonObject(with: Data(try await get(address, "/dashboard.json").text.utf8)) as? [String: Any]
                    return (text.contains(#"transcoder_workers{site="\#(place.site.root)"} 3"#), page?["workers"] as? Int)
                }
                try await until("one worker") { try await told() == (false, 1) }
                try place.configure(settings("workers: 3"))
                daemon.signal(SIGHUP)
                try await until("three workers", within: .seconds(120)) { try await told() == (true, 3) }
                try await stop(daemon)
            }
        }
    }

    @Test func theDashboardShowsAndKeeps() async throws {
        try await Workplace.use { place in
            let token = "0123456789-a-secret-of-this-test"
            try place.configure("http: {listen: \"127.0.0.1:0\", dashboard: on}")
            let film = try await place.publish("clip.mp4").file
            try await place.site.set("name", "<script>alert(1)</script>.mp4", file: film.id)
            let bad = try await place.publish("bad/text.mp4", expect: .failed).file
            try await place.daemon { daemon in
                let address = try await address(daemon, "The dashboard is at")
                try await until("both are over") {
                    let states = [try await place.site.file(film.id).state, try await place.site.file(bad.id).state]
                    return states == [3, 4]
                }
                let page = try await Program.run("curl", ["--silent", "--include", "--max-time", "60", "http://\(address)/"])
                #expect(page.output.contains("Content-Security-Policy: default-src 'none'; script-src 'self'"), "\(page.output)")
                #expect(page.output.contains("X-Content-Type-Options: nosniff") && page.output.contains("Content-Type: text/html; charset=utf-8"))
                for path in ["/dashboard.js", "/dashboard.css", "/icon.svg"] { #expect(try await get(address, path).status == 200) }

                let data = try await get(address, "/dashboard.json").text
                let document = try #require(try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])
                let lookups = try #require(document["lookups"] as? [String: Any])
                let finished = try #require(lookups["finished"] as? [[String: Any]])
                let one = try #require(finished.first { ($0["fileID"] as? Int).map(Int64.init) == film.id })
                #expect(one["name"] as? String == "<script>alert(1)</script>.mp4" && one["hasPoster"] as? Bool == true)
                #expect(finished.contains { $0["code"] as? String == "not-media" && $0["reason"] is String })
                #expect(!data.contains("transcoder.yaml") && !data.contains(place.site.root + "/storage"))

                let poster = try await Program.run(
                    "curl", ["--silent", "-o", place.folder + "/p.jpg", "-w", "%{http_code} %{content_type}", "http://\(address)/posters/\(film.id)"])
                #expect(poster.output == "200 image/jpeg")
                let stored = try #require(try await place.site.file(film.id).posterPath)
                #expect(FileManager.default.contents(atPath: place.folder + "/p.jpg")
                    == FileManager.default.contents(atPath: place.site.storagePath + "/" + stored))
                for path in [
                    "/posters/\(bad.id)", "/posters/99999", "/posters/", "/posters/-1", "/posters/0x1", "/posters/\(film.id)/../../.env",
                    "/posters/../../.env", "/posters/%2e%2e/.env", "/posters/\(stored)", "/posters/9223372036854775808", "/.env",
                ] {
                    #expect(try await get(address, path).status == 404, "\(path)")
                }
                #expect(try await get(address, "/", "-H", "Host: attacker.example").status == 421)
                #expect(try await get(address, "/dashboard.json", "-X", "POST").status == 405)
                #expect(try await get(address, "/metrics").status == 404, "the numbers are another key's")
                try await stop(daemon)
            }

            // With a token, the page, its data and the pictures ask for it.
            try place.configure("http: {listen: \"127.0.0.1:0\", dashboard: on, metrics: on, token: \(token)}")
            try await place.daemon { daemon in
                let address = try await address(daemon, "The dashboard is at")
                for path in ["/", "/dashboard.json", "/posters/\(film.id)"] {
                    #expect(try await get(address, path).status == 401, "\(path)")
                    #expect(try await get(address, path, "-u", "anybody:\(token)").status == 200, "\(path)")
                    #expect(try await get(address, path, "-u", "anybody:\(token)x").status == 401, "\(path)")
                }
                let asked = try await Program.run("curl", ["--silent", "--include", "--max-time", "60", "http://\(address)/"])
                #expect(asked.output.contains("WWW-Authenticate: Basic realm=\"transcoder\""))
                #expect(try await get(address, "/metrics").status == 200)
                #expect(!daemon.errorsSoFar.contains(token))
                try await stop(daemon)
            }
        }
    }
}
