import Foundation
import Hummingbird
import Platform
import Testing
import WorkerConfiguration
@testable import HTTPAPI

/// Under which names the dashboard may be asked for.
@Suite(.timeLimit(.minutes(10))) struct AllowedHostTests {
    private let place = EchoServer()

    private func ask(_ hosts: [String], path: String = "/page", headers: String) async throws -> String {
        let server = try await place.serve(addRoutes: { router in
            let rules = RouteRules(needsLocalHost: true, allowedHosts: hosts.compactMap { HostName($0) })
            router.serve(.get, "/page", rules) { _, _ in .json(.ok, Array("here".utf8)) }
        })
        let answer = await (try RawClient(unix: place.path)).ask("GET \(path) HTTP/1.1\r\n\(headers)\r\nConnection: close\r\n\r\n")
        await server.close()
        return answer
    }

    @Test(arguments: [
        ("Host: media.example.org", 200), ("Host: MEDIA.example.org:443", 200), ("Host: 10.0.0.5:8443", 200), ("Host: localhost:1", 200),
        ("Host: 10.0.0.5", 421), ("Host: 10.0.0.5:8444", 421), ("Host: evil.example", 421), ("Host: media.example.org.evil.example", 421),
        ("Host: x.media.example.org", 421), ("Host: media.example.org@evil.example", 421), ("Host: media.example.org, evil.example", 421),
        ("Host: evil.example\r\nX-Forwarded-Host: media.example.org", 421), ("Host: evil.example\r\nForwarded: host=media.example.org", 421),
        ("Host: media.example.org\r\nX-Forwarded-Host: evil.example", 200), ("Host: ", 421),
    ])
    func onlyAListedNameIsAnswered(headers: String, status: Int) async throws {
        let answer = try await ask(["media.example.org", "10.0.0.5:8443"], headers: headers)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
    }

    @Test func aRefusalNamesTheKeyAndTheHost() async throws {
        let sentence = "The host “evil.example” is not allowed here: add it to http.allowed_hosts, or use 127.0.0.1, [::1] or localhost."
        #expect(try await ask([], headers: "Host: evil.example").contains(sentence))
        // The key does not open the numbers.
        let other = try await ask(["media.example.org"], path: "/local", headers: "Host: media.example.org")
        #expect(other.hasPrefix("HTTP/1.1 421 ") && !other.contains("allowed_hosts"), "\(other)")
    }
}
