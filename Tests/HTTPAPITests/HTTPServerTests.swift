import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platform
import Testing
import WorkerConfiguration
@testable import HTTPAPI

/// Real sockets, and callers of all kinds.
@Suite(.timeLimit(.minutes(10))) struct HTTPServerTests {
    private let place = Place()
    private var path: String { place.path + "/s" }
    static let token = "0123456789abcdef-token"

    /// Goes with the test.
    private final class Place: Sendable {
        let path = FileManager.default.temporaryDirectory.appending(path: "h-\(UUID().uuidString.prefix(8))").path
        init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func serve(
        _ socket: ListeningSocket? = nil, limits: ConnectionLimits = ConnectionLimits(),
        respond: @escaping @Sendable ([UInt8]) async -> [UInt8] = { $0.reversed() }, addRoutes: (Router<APIRequestContext>) -> Void = { _ in }
    ) async throws -> HTTPServer {
        let endpoint = HTTPServer.Endpoint(
            try socket ?? .unix(path: path), explain: { Array("{\"error\":\"\($0)\"}\n".utf8) }
        ) { router in
            router.serve(.post, "/echo", RouteRules(limits: RequestLimits(body: 1024))) { request, _ in
                let body = try await request.body.collect(upTo: 1024)
                return .json(.ok, await respond(Array(body.readableBytesView)))
            }
            let secret = RouteRules(token: BearerToken(Self.token), limits: RequestLimits(body: 1024))
            router.serve(.post, "/secret", secret) { _, _ in .json(.ok, []) }
            router.serve(.get, "/local", RouteRules(needsLocalHost: true)) { _, _ in .json(.ok, Array("here".utf8)) }
            router.serve(.get, "/open") { _, _ in .json(.ok, Array("open".utf8)) }
            addRoutes(router)
        }
        return try await HTTPServer([endpoint], limits: limits, log: Self.log)
    }

    private func request(_ body: String = "abc", _ more: String = "Connection: close\r\n", path: String = "/echo") -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    @Test func aConnectionServesOneRequestAfterTheOther() async throws {
        let server = try await serve()
        let client = try RawClient(unix: path)
        client.say(request("abc", ""))
        #expect(await client.answer(until: "cba").hasPrefix("HTTP/1.1 200 OK\r\n"))
        client.say(request("def"))
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
        let server = try await serve()
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
        let server = try await serve()
        let client = try RawClient(unix: path)
        let answer = await client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhello")
        #expect(answer.hasPrefix("HTTP/1.1 400 ") || (length.count > 9 && answer.hasPrefix("HTTP/1.1 413 ")), "\(answer)")
        await server.close()
    }

    /// As many as one packet holds: each is answered, in its turn; what stands behind the last is nobody's.
    @Test func requestsInOnePacketAreAnsweredInTheirOrder() async throws {
        let server = try await serve()
        let client = try RawClient(unix: path)
        let some = (0..<50).map { request("number \($0)", "") }.joined()
        let answer = await client.ask(some + request("the last") + request("too late"))
        let bodies = answer.components(separatedBy: "\r\n\r\n").dropFirst().map { $0.components(separatedBy: "HTTP/1.1").first ?? "" }
        #expect(bodies == (0..<50).map { String("number \($0)".reversed()) } + ["tsal eht"])
        await server.close()
    }

    /// What is broken behind others is told after their answers.
    @Test func aBrokenRequestBehindAnotherOneIsRefusedInItsTurn() async throws {
        let server = try await serve()
        for broken in ["GARBAGE\r\n\r\n", "GET /open HTTP/1.1\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"] {
            let answer = await (try RawClient(unix: path)).ask(request("abc", "") + broken)
            let parts = answer.components(separatedBy: "HTTP/1.1 ")
            #expect(parts.count == 3 && parts[1].hasPrefix("200 ") && parts[1].hasSuffix("cba") && parts[2].hasPrefix("400 "), "\(answer)")
        }
        await server.close()
    }

    @Test func aBodyInChunksIsTakenUpToItsLimit() async throws {
        let server = try await serve()
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
        let server = try await serve()
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
        let server = try await serve()
        let client = try RawClient(unix: path)
        client.say("HEAD /open HTTP/1.1\r\nHost: x\r\n\r\nHEAD /other HTTP/1.1\r\nHost: x\r\n\r\nGET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let parts = await client.answer().components(separatedBy: "HTTP/1.1 ")
        #expect(parts.count == 4 && parts[1].hasPrefix("200 ") && parts[1].contains("Content-Length: 4\r\n") && parts[1].hasSuffix("\r\n\r\n"))
        #expect(parts.count == 4 && parts[2].hasPrefix("404 ") && parts[2].hasSuffix("\r\n\r\n") && parts[3].hasSuffix("\r\n\r\nopen"), "\(parts)")
        await server.close()
    }

    /// Whoever spoke the older version does not know of connections that stay.
    @Test func theOlderVersionIsAnsweredAndItsConnectionEnds() async throws {
        let server = try await serve(addRoutes: { router in
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
        let server = try await serve()
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
        let server = try await serve()
        for end in ["", "\r\n\r\n"] {
            let answer = await (try RawClient(unix: path)).ask(head + end)
            #expect(answer.hasPrefix("HTTP/1.1 431 ") && answer.hasSuffix("too long.\"}\n"), "\(answer)")
        }
        await server.close()
    }

    @Test(arguments: [
        "Authorization: Bearer\r\n", "Authorization: Bearer wrong\r\n", "Authorization: Basic \(token)\r\n", "Authorization: \(token)\r\n", "",
        "Authorization: Bearer \(token)n\r\n", "Authorization: Bearer \(token)\r\nAuthorization: Bearer \(token)\r\n",
    ])
    func whoCannotShowTheTokenIsNotListenedTo(header: String) async throws {
        let server = try await serve()
        let client = try RawClient(unix: path)
        // Before the body has come.
        client.say("POST /secret HTTP/1.1\r\nHost: x\r\n\(header)Content-Length: 5\r\n\r\n")
        let answer = await client.answer(until: "\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.contains("WWW-Authenticate: Bearer\r\n"))
        #expect(!answer.contains(Self.token))
        await server.close()
    }

    /// Though far more was sent than is ever looked at: a connection is not reset beneath who still sends.
    @Test(arguments: ["unix", "TCP"])
    func theWholeRefusalIsReadByWhoGivesUpAtAnError(way: String) async throws {
        let socket = way == "unix" ? nil : try ListeningSocket.loopback(LoopbackAddress(.version4, port: 0))
        let port = UInt16(socket?.name.split(separator: ":").last ?? "") ?? 0
        var limits = ConnectionLimits()
        limits.closing = .seconds(3600)  // On a busy machine the caller sends slowly.
        let server = try await serve(socket, limits: limits)
        for _ in 0..<5 {
            let client = way == "unix" ? try RawClient(unix: path) : try RawClient(port: port)
            let answer = try await client.askInOrder(request(String(repeating: "x", count: 900_000)))
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.hasSuffix("may have at most 1024 bytes.\"}\n"), "\(answer)")
        }
        await server.close()
    }

    @Test func whoIsSlowIsToldAndLetGo() async throws {
        var limits = ConnectionLimits()
        limits.reading = .milliseconds(500)
        let server = try await serve(limits: limits)
        #expect(await (try RawClient(unix: path)).answer() == "", "who said nothing is told nothing")
        for text in ["GET /local HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
            let slow = await (try RawClient(unix: path)).ask(text)
            #expect(slow.contains("HTTP/1.1 408 ") && slow.hasSuffix("took too long to arrive.\"}\n"), "\(slow)")
        }
        let idle = await (try RawClient(unix: path)).ask(request("abc", ""))
        #expect(idle.hasSuffix("cba"), "a connection that stays is closed in silence: \(idle)")
        await server.close()
    }

    /// However steadily: the whole has its time.
    @Test func bytesThatDripAreNotAWayToStay() async throws {
        var limits = ConnectionLimits()
        limits.reading = .milliseconds(500)
        let server = try await serve(limits: limits)
        let client = try RawClient(unix: path)
        client.say("GET /local HTTP/1.1\r\nHost: x\r\n")
        let dripping = Task {
            while !Task.isCancelled, await client.sayAll("X-Drip: 1\r\n") {}
        }
        let answer = await client.answer()
        dripping.cancel()
        #expect(answer.hasPrefix("HTTP/1.1 408 ") || answer.hasPrefix("HTTP/1.1 431 "), "\(answer)")
        await server.close()
    }

    /// Each place is taken by somebody who says nothing, and never reads: whoever speaks is answered all the same.
    @Test func silentCallersKeepNobodyOut() async throws {
        var limits = ConnectionLimits()
        limits.reading = .seconds(3600)
        limits.connections = 8
        let server = try await serve(limits: limits)
        var silent: [RawClient] = []
        for round in 0..<5 {
            for _ in 0..<20 {
                silent.append(try RawClient(unix: path))
                if round.isMultiple(of: 2) { silent.last?.say("POST /ec") }
            }
            #expect(await (try RawClient(unix: path)).ask(request()).hasSuffix("cba"))
        }
        await server.close()
    }

    /// Who is worked for keeps its place, and the others wait in the queue; then they have their turn.
    @Test func whoIsWorkedForIsNotPushedOut() async throws {
        var limits = ConnectionLimits()
        limits.connections = 2
        limits.reading = .seconds(3600)  // On a busy machine the second one speaks late.
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let shared = Gates()
        let server = try await serve(limits: limits, respond: { body in
            begin.yield()
            if body == Array("wait".utf8) { await shared.pass() }
            return body
        })
        var begins = begun.makeAsyncIterator()
        let waiting = [try RawClient(unix: path), try RawClient(unix: path)]
        for client in waiting {
            client.say(request("wait"))
            await begins.next()
        }
        let next = try RawClient(unix: path)
        next.say(request("next"))
        shared.open()
        for client in waiting { #expect(await client.answer().hasSuffix("wait")) }
        #expect(await next.answer().hasSuffix("next"))
        await server.close()
    }

    /// A reader that is too slow for an answer is not waited for.
    @Test func whoDoesNotReadIsLetGo() async throws {
        var limits = ConnectionLimits()
        limits.writing = .milliseconds(50)
        let server = try await serve(limits: limits, respond: { _ in [UInt8](repeating: 65, count: 20_000_000) })
        let deaf = try RawClient(unix: path)
        deaf.say(request("abc"))
        await deaf.isGone()
        #expect(await deaf.answer().utf8.count < 20_000_000)
        await server.close()
    }

    @Test func whoLeavesMeanwhileHarmsNobody() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let shared = Gates()
        let server = try await serve(respond: { body in
            begin.finish()
            if body == Array("go".utf8) { await shared.pass() }
            return [UInt8](repeating: 65, count: 4_000_000)
        })
        var client: RawClient? = try RawClient(unix: path)
        client?.say(request("go"))
        for await _ in begun {}
        client = nil
        shared.open()
        // More than the socket holds, for somebody who reads none of it.
        let deaf = try RawClient(unix: path)
        deaf.say(request("x"))
        #expect(await (try RawClient(unix: path)).ask(request("abc")).utf8.count > 4_000_000)
        await server.close()
    }

    // MARK: what routes may ask for

    /// Far more than the server keeps, and for longer than its limit: a body is read in parts as they come, and no faster than it is used.
    @Test func aLongBodyIsReadAsItComes() async throws {
        let (parts, part) = AsyncStream.makeStream(of: Int.self)
        let limits = ConnectionLimits()
        let server = try await serve(limits: limits, addRoutes: { router in
            let rules = RouteRules(limits: RequestLimits(body: 1 << 30, reading: .pause(.seconds(3600))))
            router.serve("/upload", rules, [.put: { request, _ in
                defer { part.finish() }
                var count = 0
                for try await bytes in request.body {
                    count += bytes.readableBytes
                    part.yield(bytes.readableBytes)
                }
                return .json(.ok, Array("\(count)".utf8))
            }])
        })
        let client = try RawClient(unix: path)
        let chunk = String(repeating: "x", count: 1 << 20)
        let size = 64 * chunk.utf8.count
        client.say("PUT /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n")
        let sending = Task {
            await client.sayAll(chunk)
            try await Task.sleep(for: limits.reading + .milliseconds(100))
            for _ in 1..<64 { await client.sayAll(chunk) }
        }
        var largest = 0
        for await count in parts { largest = max(largest, count) }
        try await sending.value
        let answer = await client.answer()
        #expect(answer.hasSuffix("\r\n\r\n\(size)"), "\(answer)")
        #expect(largest <= 1 << 20, "\(largest)")
        await server.close()
    }

    @Test func aRoutesOwnLimitsHold() async throws {
        let server = try await serve(addRoutes: { router in
            func upload(_ path: RouterPath, _ reading: TimeLimit) {
                router.serve(.put, path, RouteRules(limits: RequestLimits(body: 100, reading: reading))) { request, _ in
                    .json(.ok, Array("\(try await request.body.collect(upTo: 100).readableBytes)".utf8))
                }
            }
            upload("/whole", .whole(.milliseconds(50)))
            upload("/pause", .pause(.milliseconds(50)))
        })
        for path in ["/whole", "/pause"] {
            let head = "PUT \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
            let slow = await (try RawClient(unix: self.path)).ask(head + "some")
            #expect(slow.hasPrefix("HTTP/1.1 408 "), "\(slow)")
            let long = await (try RawClient(unix: self.path)).ask("PUT \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n")
            #expect(long.hasPrefix("HTTP/1.1 413 "), "\(long)")
        }
        await server.close()
    }

    /// As a stream of events is: long, with silence between.
    @Test func anAnswerMayGoOnForLongerThanTheServersLimit() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        var limits = ConnectionLimits()
        limits.writing = .milliseconds(50)
        limits.reading = .seconds(1)
        limits.connections = 2
        let ended = Gates()
        let server = try await serve(limits: limits, addRoutes: { router in
            router.serve(.get, "/events", RouteRules(limits: RequestLimits(writing: .pause(.seconds(3600))))) { request, _ in
                Response(status: .ok, headers: [.contentType: "text/event-stream"], body: ResponseBody { writer in
                    try? await request.body.consumeWithCancellationOnInboundClose { _ in
                        for await event in events { try await writer.write(ByteBuffer(string: "data: \(event)\n\n")) }
                    }
                    ended.open()
                    try await writer.finish(nil)
                })
            }
        })
        var client: RawClient? = try RawClient(unix: path)
        client?.say("GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        event.yield("first")
        #expect(await client?.answer(until: "data: first\n\n").hasPrefix("HTTP/1.1 200 ") == true)
        // Longer than the server's limits, and whoever comes meanwhile: this one keeps its place.
        for client in try (0..<5).map({ _ in try RawClient(unix: path) }) { #expect(await client.answer() == "") }
        event.yield("second")
        #expect(await client?.answer(until: "data: second\n\n").contains("data: second") == true)
        client = nil
        await ended.pass()
        await server.close()
    }

    // MARK: its end

    @Test func answersThatAreOnTheirWayArriveWhenTheServerEnds() async throws {
        let begun = Gates()
        let gates = Gates()
        let server = try await serve(respond: { body in
            begun.open()
            await gates.pass()
            return body
        })
        let client = try RawClient(unix: path)
        let idle = try RawClient(unix: path)
        client.say(request("abc", ""))
        await begun.pass()
        async let closing: Void = server.close()
        #expect(await idle.answer() == "", "who asks for nothing is let go at once")
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(throws: RawClient.NoConnection.self) { try RawClient(unix: path) }
        gates.open()
        let answer = await client.answer()
        #expect(answer.hasSuffix("abc") && answer.contains("Connection: close\r\n"), "\(answer)")
        await closing
    }

    @Test func whoDoesNotTakeHisAnswerDoesNotKeepTheServer() async throws {
        var limits = ConnectionLimits()
        limits.writing = .milliseconds(100)
        let begun = Gates()
        let server = try await serve(limits: limits, respond: { _ in
            begun.open()
            return [UInt8](repeating: 65, count: 20_000_000)
        })
        let deaf = try RawClient(unix: path)
        deaf.say(request("abc"))
        await begun.pass()
        await server.close()
    }
}

/// Closed until it is opened, for all who come.
final class Gates: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream() }
    func open() { continuation.finish() }
    func pass() async { for await _ in stream {} }
}
