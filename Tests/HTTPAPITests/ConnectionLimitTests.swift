import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import Platform
import Testing
import WorkerConfiguration
@testable import HTTPAPI

/// Who is slow, silent, long or gone, on real sockets.
@Suite(.timeLimit(.minutes(10))) struct ConnectionLimitTests {
    private let place = EchoServer()
    private var path: String { place.path }

    @Test func whoIsSlowIsToldAndLetGo() async throws {
        var limits = ConnectionLimits()
        limits.reading = .milliseconds(500)
        let server = try await place.serve(limits: limits)
        #expect(await (try RawClient(unix: path)).answer() == "", "who said nothing is told nothing")
        for text in ["GET /local HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
            let slow = await (try RawClient(unix: path)).ask(text)
            #expect(slow.contains("HTTP/1.1 408 ") && slow.hasSuffix("took too long to arrive.\"}\n"), "\(slow)")
        }
        let idle = await (try RawClient(unix: path)).ask(EchoServer.request("abc", ""))
        #expect(idle.hasSuffix("cba"), "a connection that stays is closed in silence: \(idle)")
        await server.close()
    }

    /// However steadily: the whole has its time.
    @Test func bytesThatDripAreNotAWayToStay() async throws {
        var limits = ConnectionLimits()
        limits.reading = .milliseconds(500)
        let server = try await place.serve(limits: limits)
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
        let server = try await place.serve(limits: limits)
        var silent: [RawClient] = []
        for round in 0..<5 {
            for _ in 0..<20 {
                silent.append(try RawClient(unix: path))
                if round.isMultiple(of: 2) { silent.last?.say("POST /ec") }
            }
            #expect(await (try RawClient(unix: path)).ask(EchoServer.request()).hasSuffix("cba"))
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
        let server = try await place.serve(limits: limits, respond: { body in
            begin.yield()
            if body == Array("wait".utf8) { await shared.pass() }
            return body
        })
        var begins = begun.makeAsyncIterator()
        let waiting = [try RawClient(unix: path), try RawClient(unix: path)]
        for client in waiting {
            client.say(EchoServer.request("wait"))
            await begins.next()
        }
        let next = try RawClient(unix: path)
        next.say(EchoServer.request("next"))
        shared.open()
        for client in waiting { #expect(await client.answer().hasSuffix("wait")) }
        #expect(await next.answer().hasSuffix("next"))
        await server.close()
    }

    /// A reader that is too slow for an answer is not waited for.
    @Test func whoDoesNotReadIsLetGo() async throws {
        var limits = ConnectionLimits()
        limits.writing = .milliseconds(50)
        let server = try await place.serve(limits: limits, respond: { _ in [UInt8](repeating: 65, count: 20_000_000) })
        let deaf = try RawClient(unix: path)
        deaf.say(EchoServer.request("abc"))
        await deaf.isGone()
        #expect(await deaf.answer().utf8.count < 20_000_000)
        await server.close()
    }

    @Test func whoLeavesMeanwhileHarmsNobody() async throws {
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let shared = Gates()
        let server = try await place.serve(respond: { body in
            begin.finish()
            if body == Array("go".utf8) { await shared.pass() }
            return [UInt8](repeating: 65, count: 4_000_000)
        })
        var client: RawClient? = try RawClient(unix: path)
        client?.say(EchoServer.request("go"))
        for await _ in begun {}
        client = nil
        shared.open()
        // More than the socket holds, for somebody who reads none of it.
        let deaf = try RawClient(unix: path)
        deaf.say(EchoServer.request("x"))
        #expect(await (try RawClient(unix: path)).ask(EchoServer.request("abc")).utf8.count > 4_000_000)
        await server.close()
    }

    // MARK: what routes may ask for

    /// Far more than the server keeps, and for longer than its limit: a body is read in parts as they come, and no faster than it is used.
    @Test func aLongBodyIsReadAsItComes() async throws {
        let (parts, part) = AsyncStream.makeStream(of: Int.self)
        var limits = ConnectionLimits()
        limits.reading = .seconds(1)
        let server = try await place.serve(limits: limits, addRoutes: { router in
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
            // Whoever comes after it and says nothing is let go when the server's own limit is over.
            _ = await (try RawClient(unix: path)).answer()
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
        let server = try await place.serve(addRoutes: { router in
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
        let server = try await place.serve(limits: limits, addRoutes: { router in
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
        let server = try await place.serve(respond: { body in
            begun.open()
            await gates.pass()
            return body
        })
        let client = try RawClient(unix: path)
        let idle = try RawClient(unix: path)
        client.say(EchoServer.request("abc", ""))
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
        let server = try await place.serve(limits: limits, respond: { _ in
            begun.open()
            return [UInt8](repeating: 65, count: 20_000_000)
        })
        let deaf = try RawClient(unix: path)
        deaf.say(EchoServer.request("abc"))
        await begun.pass()
        await server.close()
    }
}
