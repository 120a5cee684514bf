import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import Platform
import Testing
import WorkerConfiguration
@testable import HTTPAPI

/// Real sockets, and callers of all kinds.
@Suite(.timeLimit(.minutes(10))) struct HTTPServerTests {
    private let place = EchoServer()
    private var path: String { place.path }

    @Test func aConnectionServesOneRequestAfterTheOther() async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        client.say(EchoServer.request("abc", ""))
        #expect(await client.answer(until: "cba").hasPrefix("HTTP/1.1 200 OK\r\n"))
        client.say(EchoServer.request("def"))
        let last = await client.answer()
        #expect(last.hasSuffix("\r\n\r\nfed"))
        #expect(last.contains("Cache-Control: no-store\r\n") && last.contains("Content-Length: 3\r\n"))
        await server.close()
    }

    @Test(arguments: [
        ("GARBAGE\r\n\r\n", 400), ("\r\n\r\nGET", 400), ("GET open HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET http://x/open HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("G(T /open HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("PROPFIND /open HTTP/1.1\r\nHost: x\r\n\r\n", 501), ("GET /open HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("GET /open HTTP/1.1\r\n\r\n", 400), ("GET /open HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET /open HTTP/1.1\r\nHost : x\r\n\r\n", 400), ("GET /open HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        ("GET /open HTTP/1.1\nHost: x\n\n", 505), ("GET /open HTTP/1.1\r\nHost: \u{0}x\r\n\r\n", 400),
        ("GET /open HT", 400), ("{\"tableName\":\"posts\"}\n", 400),
        ("GET /other HTTP/1.1\r\nHost: x\r\n\r\n", 404), ("GET /open/ HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("GET //open HTTP/1.1\r\nHost: x\r\n\r\n", 404), ("GET /OPEN HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        ("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", 405), ("POST /local HTTP/1.1\r\nHost: evil.example\r\n\r\n", 405),
        ("GET /local HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421), ("GET /local HTTP/1.1\r\nHost: localhost.evil\r\n\r\n", 421),
        ("GET /local HTTP/1.1\r\nHost: 127.0.0.1@evil\r\n\r\n", 421), ("GET /local HTTP/1.0\r\n\r\n", 421),
        ("GET /local HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200), ("GET /local?x=1 HTTP/1.1\r\nhost: 127.0.0.1:9\r\n\r\n", 200),
        ("GET /local HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n", 200), ("GET /open HTTP/1.0\r\n\r\n", 200),
        ("POST /echo HTTP/1.1\r\nHost: x\r\n\r\n", 411),
        ("GET /open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 413),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 1\r\n\r\nx", 417),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", 400),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
        ("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ])
    func whatIsWrongIsToldByItsNumber(text: String, status: Int) async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        client.say(text)
        client.finish()
        let answer = await client.answer()
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        // One answer, whole, and in its own words where it is a refusal.
        #expect(answer.components(separatedBy: "Content-Length: ").count == 2, "\(answer)")
        #expect(status == 200 || answer.hasSuffix("}\n") && answer.contains("{\"error\":\""), "\(answer)")
        await server.close()
    }

    @Test(arguments: ["-1", "+5", "5, 5", "0x5", "", "5 5", "99999999999999999999"])
    func aLengthIsANumber(length: String) async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        let answer = await client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhello")
        #expect(answer.hasPrefix("HTTP/1.1 400 ") || (length.count > 9 && answer.hasPrefix("HTTP/1.1 413 ")), "\(answer)")
        await server.close()
    }

    /// As many as one packet holds: each is answered, in its turn; what stands behind the last is nobody's.
    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        let some = (0..<50).map { EchoServer.request("number \($0)", "") }.joined()
        let answer = await client.ask(some + EchoServer.request("the last") + EchoServer.request("too late"))
        let bodies = answer.components(separatedBy: "\r\n\r\n").dropFirst().map { $0.components(separatedBy: "HTTP/1.1").first ?? "" }
        #expect(bodies == (0..<50).map { String("number \($0)".reversed()) } + ["tsal eht"])
        await server.close()
    }

    /// What is broken behind others is told after their answers.
    @Test func aBrokenRequestBehindAnotherOneIsRefusedInItsTurn() async throws {
        let server = try await place.serve()
        for broken in ["GARBAGE\r\n\r\n", "GET /open HTTP/1.1\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"] {
            let answer = await (try RawClient(unix: path)).ask(EchoServer.request("abc", "") + broken)
            let parts = answer.components(separatedBy: "HTTP/1.1 ")
            #expect(parts.count == 3 && parts[1].hasPrefix("200 ") && parts[1].hasSuffix("cba") && parts[2].hasPrefix("400 "), "\(answer)")
        }
        await server.close()
    }

    @Test func aBodyInChunksIsTakenUpToItsLimit() async throws {
        let server = try await place.serve()
        func ask(_ chunks: [String]) async throws -> String {
            let head = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            let body = chunks.map { String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n" }.joined()
            return await (try RawClient(unix: path)).ask(head + body + "0\r\n\r\n")
        }
        #expect(try await ask(["ab", "c"]).hasSuffix("\r\n\r\ncba"))
        let long = String(repeating: "x", count: 600)
        #expect(try await ask([long]).hasPrefix("HTTP/1.1 200 "))
        #expect(try await ask([long, long]).hasPrefix("HTTP/1.1 413 "))
        #expect(try await ask([]).hasPrefix("HTTP/1.1 200 "))
        await server.close()
    }

    @Test func aBodyIsAskedForWhereTheCallerWaitsForThat() async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        client.say("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(await client.answer(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.say("abc")
        #expect(await client.answer(until: "cba").hasPrefix("HTTP/1.1 200 "))
        // Who is refused is not asked for it.
        client.say("POST /secret HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        let refused = await client.answer()
        #expect(refused.hasPrefix("HTTP/1.1 401 ") && refused.contains("\r\nConnection: close\r\n"), "\(refused)")
        await server.close()
    }

    @Test func theHeadOfAnAnswerIsServedWithoutItsBody() async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        client.say("HEAD /open HTTP/1.1\r\nHost: x\r\n\r\nHEAD /other HTTP/1.1\r\nHost: x\r\n\r\nGET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let parts = await client.answer().components(separatedBy: "HTTP/1.1 ")
        #expect(parts.count == 4 && parts[1].hasPrefix("200 ") && parts[1].contains("Content-Length: 4\r\n") && parts[1].hasSuffix("\r\n\r\n"))
        #expect(parts.count == 4 && parts[2].hasPrefix("404 ") && parts[2].hasSuffix("\r\n\r\n") && parts[3].hasSuffix("\r\n\r\nopen"), "\(parts)")
        await server.close()
    }

    /// Whoever spoke the older version does not know of connections that stay.
    @Test func theOlderVersionIsAnsweredAndItsConnectionEnds() async throws {
        let server = try await place.serve(addRoutes: { router in
            router.serve(.get, "/stream") { _, _ in
                Response(status: .ok, body: ResponseBody { writer in
                    for word in ["one ", "two"] { try await writer.write(ByteBuffer(string: word)) }
                    try await writer.finish(nil)
                })
            }
        })
        let plain = await (try RawClient(unix: path)).ask("GET /open HTTP/1.0\r\n\r\n")
        #expect(plain.hasPrefix("HTTP/1.1 200 ") && plain.contains("Connection: close\r\n") && plain.hasSuffix("\r\n\r\nopen"), "\(plain)")
        let old = await (try RawClient(unix: path)).ask("GET /stream HTTP/1.0\r\n\r\n")
        #expect(old.hasPrefix("HTTP/1.0 200 ") && old.hasSuffix("\r\n\r\none two"), "\(old)")
        let new = await (try RawClient(unix: path)).ask("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n")
        #expect(new.contains("transfer-encoding: chunked\r\n") && new.hasSuffix("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"), "\(new)")
        await server.close()
    }

    @Test func whoAsksWithAnotherMethodIsToldTheRightOne() async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        let answer = await client.ask("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(answer.contains("\r\nAllow: POST\r\n") && answer.hasSuffix("{\"error\":\"Allowed methods: POST.\"}\n"))
        await server.close()
    }

    @Test(arguments: [
        "GET /open HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 10_000), "GET /" + String(repeating: "x", count: 10_000),
        "GET /open HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X: 12345678901234567890\r\n", count: 250),
        "GET /open HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X:\r\n", count: 200),
    ])
    func aHeadThatIsTooLongIsNotKept(head: String) async throws {
        let server = try await place.serve()
        for end in ["", "\r\n\r\n"] {
            let answer = await (try RawClient(unix: path)).ask(head + end)
            #expect(answer.hasPrefix("HTTP/1.1 431 ") && answer.hasSuffix("too long.\"}\n"), "\(answer)")
        }
        await server.close()
    }

    @Test(arguments: [
        "Authorization: Bearer\r\n", "Authorization: Bearer wrong\r\n", "Authorization: Basic \(EchoServer.token)\r\n", "Authorization: \(EchoServer.token)\r\n", "",
        "Authorization: Bearer \(EchoServer.token)n\r\n", "Authorization: Bearer \(EchoServer.token)\r\nAuthorization: Bearer \(EchoServer.token)\r\n",
    ])
    func whoCannotShowTheTokenIsNotListenedTo(header: String) async throws {
        let server = try await place.serve()
        let client = try RawClient(unix: path)
        // Before the body has come.
        client.say("POST /secret HTTP/1.1\r\nHost: x\r\n\(header)Content-Length: 5\r\n\r\n")
        let answer = await client.answer(until: "\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.contains("WWW-Authenticate: Bearer\r\n"))
        #expect(!answer.contains(EchoServer.token))
        await server.close()
    }

    /// Though far more was sent than is ever looked at: a connection is not reset beneath who still sends.
    @Test(arguments: ["unix", "TCP"])
    func theWholeRefusalIsReadByWhoGivesUpAtAnError(way: String) async throws {
        let socket = way == "unix" ? nil : try ListeningSocket.loopback(LoopbackAddress(.version4, port: 0))
        let port = UInt16(socket?.name.split(separator: ":").last ?? "") ?? 0
        var limits = ConnectionLimits()
        limits.closing = .seconds(3600)  // On a busy machine the caller sends slowly.
        let server = try await place.serve(socket, limits: limits)
        for _ in 0..<5 {
            let client = way == "unix" ? try RawClient(unix: path) : try RawClient(port: port)
            let answer = try await client.askInOrder(EchoServer.request(String(repeating: "x", count: 900_000)))
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.hasSuffix("may have at most 1024 bytes.\"}\n"), "\(answer)")
        }
        await server.close()
    }
}
