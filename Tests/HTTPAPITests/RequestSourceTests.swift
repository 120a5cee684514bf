import Foundation
import Hummingbird
import Testing
import WorkerConfiguration
@testable import HTTPAPI

/// Which requests may change something: a browser sends the dashboard's password along whichever page makes the request.
@Suite(.timeLimit(.minutes(10))) struct RequestSourceTests {
    private static let basic = "Authorization: Basic " + Data("alice:0123456789abcdef-token".utf8).base64EncodedString()
    private static let bearer = "Authorization: Bearer 0123456789abcdef-token"

    @Test(arguments: [
        ("\(basic)\r\nSec-Fetch-Site: same-origin", true), ("\(basic)\r\nSec-Fetch-Site: same-origin\r\nOrigin: https://media.example.org", true),
        ("\(basic)\r\nSec-Fetch-Site: same-site", false), ("\(basic)\r\nSec-Fetch-Site: cross-site", false), ("\(basic)\r\nSec-Fetch-Site: none", false),
        ("\(basic)\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site", false),
        // A page of the same origin is what the browser says, not what the headers' likeness says.
        ("\(basic)\r\nSec-Fetch-Site: cross-site\r\nOrigin: http://media.example.org", false),
        ("\(basic)\r\nOrigin: http://media.example.org", true), ("\(basic)\r\nOrigin: https://media.example.org", true),
        ("\(basic)\r\nOrigin: http://evil.example", false), ("\(basic)\r\nOrigin: null", false), ("\(basic)\r\nOrigin: http://media.example.org:81", false),
        ("\(basic)\r\nOrigin: http://media.example.org\r\nOrigin: http://evil.example", false), ("\(basic)\r\nReferer: http://media.example.org/", false),
        (basic, false), (bearer, true), ("\(bearer)\r\nOrigin: http://evil.example", false),
    ])
    func onlyTheOwnPagesAndProgramsMayAct(headers: String, isOwn: Bool) async throws {
        let place = EchoServer()
        let server = try await place.serve(addRoutes: { router in
            router.serve(.post, "/act") { request, context in .json(.ok, Array("\(RequestSource(request, context).isSameOrigin)".utf8)) }
        })
        let answer = await (try RawClient(unix: place.path)).ask(
            "POST /act HTTP/1.1\r\nHost: media.example.org\r\n\(headers)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(answer.hasSuffix("\r\n\r\n\(isOwn)"), "\(answer)")
        await server.close()
    }

    @Test func whoDidItIsToldOnOneLine() async throws {
        let place = EchoServer()
        let server = try await place.serve(addRoutes: { router in
            router.serve(.post, "/act") { request, context in .json(.ok, Array(RequestSource(request, context).description.utf8)) }
        })
        let name = "Authorization: Basic " + Data("alice\nnotice: mallory:secret-0123456789".utf8).base64EncodedString()
        let answer = await (try RawClient(unix: place.path)).ask(
            "POST /act HTTP/1.1\r\nHost: x\r\n\(name)\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        let said = try #require(answer.components(separatedBy: "\r\n\r\n").last)
        #expect(said == "“alice notice” at this machine, forwarded for 203.0.113.9", "\(said)")
        await server.close()
    }
}
