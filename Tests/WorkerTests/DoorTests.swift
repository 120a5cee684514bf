import Foundation
import Glibc
import Logging
import Synchronization
import TestSupport
import Testing
@testable import Configuration
@testable import Platform
@testable import Worker

/// Real sockets, and callers of all kinds.
@Suite(.timeLimit(.minutes(10))) struct DoorTests {
    private let place = TemporaryFolder()
    private var path: String { place.path + "/s" }

    private func serve(
        _ path: String? = nil, patience: DoorPatience = DoorPatience(),
        respond: @escaping @Sendable ([UInt8]) async -> [UInt8] = { $0.reversed() }
    ) throws -> ConnectionServer {
        let exchange = LineExchange(
            longest: 100, tooLong: Array("too long".utf8), tooSlow: Array("too slow".utf8), respond: respond)
        return try ConnectionServer([.init(listening: try Listening.unix(path: path ?? self.path), exchange: exchange)], patience: patience)
    }

    @Test func aLineIsAnswered() async throws {
        let server = try serve()
        #expect(await (try DoorClient(unix: path)).ask("abc\n") == "cba")
        #expect(await (try DoorClient(unix: path)).ask("abc\nmore\n") == "cba", "one each")
        let ending = try DoorClient(unix: path)
        ending.say("ab")
        ending.say("c")
        ending.finish()
        #expect(await ending.answer() == "cba", "its end is a line's end")
        let silent = try DoorClient(unix: path)
        silent.finish()
        #expect(await silent.answer() == "")
        await server.close()
    }

    @Test func tooMuchIsRefusedAndTheRefusalArrives() async throws {
        let server = try serve()
        for text in [String(repeating: "x", count: 101), String(repeating: "x", count: 100_000) + "\n"] {
            #expect(await (try DoorClient(unix: path)).ask(text) == "too long")
        }
        await server.close()
    }

    /// Though far more was sent than is ever looked at: a connection is not reset beneath who still sends.
    @Test(arguments: ["unix", "TCP"], [true, false])
    func theWholeRefusalIsReadByWhoGivesUpAtAnError(way: String, isHTTP: Bool) async throws {
        let explain: @Sendable (String) -> [UInt8] = { Array("{\"error\":\"\($0)\"}\n".utf8) }
        let route = HTTPExchange.Route(method: "POST", path: "/notify", longestBody: 1024) { _ in HTTPResponse(status: 200, body: []) }
        let exchange = LineOrHTTPExchange(
            lines: LineExchange(longest: 1024, tooLong: explain("too long"), tooSlow: []) { $0 },
            http: HTTPExchange(routes: [route], explain: explain))
        let listening = way == "unix" ? try Listening.unix(path: path) : try Listening.loopback(LoopbackAddress(.version4, port: 0))
        let port = UInt16(listening.name.split(separator: ":").last ?? "") ?? 0
        var patience = DoorPatience()
        patience.leaving = .seconds(3600)  // On a busy machine the caller sends slowly.
        let server = try ConnectionServer([.init(listening: listening, exchange: exchange)], patience: patience)
        let body = String(repeating: "x", count: 900_000)
        for _ in 0..<5 {
            let client = way == "unix" ? try DoorClient(unix: path) : try DoorClient(port: port)
            if isHTTP {
                let answer = try await client.askInOrder(
                    "POST /notify HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
                #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.hasSuffix("may have 1024 bytes.\"}\n"), "\(answer)")
            } else {
                #expect(try await client.askInOrder(body + "\n") == "{\"error\":\"too long\"}\n")
            }
        }
        await server.close()
    }

    @Test func whoIsSlowIsToldAndLetGo() async throws {
        var patience = DoorPatience()
        patience.reading = .milliseconds(50)
        let server = try serve(patience: patience)
        let slow = try DoorClient(unix: path)
        slow.say("never an en")
        #expect(await slow.answer() == "too slow")
        #expect(await (try DoorClient(unix: path)).answer() == "", "who said nothing is told nothing")
        await server.close()
    }

    /// Each place is taken by somebody who says nothing, and never reads: whoever speaks is answered all the same.
    @Test func silentCallersHoldUpNobody() async throws {
        var patience = DoorPatience()
        patience.reading = .seconds(3600)
        patience.connections = 8
        let server = try serve(patience: patience)
        var silent: [DoorClient] = []
        for round in 0..<5 {
            for _ in 0..<20 {
                silent.append(try DoorClient(unix: path))
                if round.isMultiple(of: 2) { silent.last?.say("half a li") }
            }
            #expect(await (try DoorClient(unix: path)).ask("abc\n") == "cba")
        }
        await server.close()
    }

    /// Who is worked for keeps its place, and the others wait before the door; then they have their turn.
    @Test func whoIsWorkedForIsNotPushedOut() async throws {
        var patience = DoorPatience()
        patience.connections = 2
        patience.reading = .seconds(3600)  // On a busy machine the second one speaks late.
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let shared = Gates(gates)
        let server = try serve(patience: patience) { line in
            begin.yield()
            if line == Array("wait".utf8) { await shared.pass() }
            return line
        }
        var begins = begun.makeAsyncIterator()
        let waiting = [try DoorClient(unix: path), try DoorClient(unix: path)]
        for client in waiting {
            client.say("wait\n")
            await begins.next()
        }
        let next = try DoorClient(unix: path)
        next.say("next\n")
        gate.finish()
        for client in waiting { #expect(await client.answer() == "wait") }
        #expect(await next.answer() == "next")
        await server.close()
    }

    private actor Gates {
        private let gates: AsyncStream<Void>
        init(_ gates: AsyncStream<Void>) { self.gates = gates }
        func pass() async { for await _ in gates {} }
    }

    @Test func whoLeavesMeanwhileHarmsNobody() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let shared = Gates(gates)
        let server = try serve { line in
            begin.finish()
            if line == Array("go".utf8) { await shared.pass() }
            return [UInt8](repeating: 1, count: 4_000_000)
        }
        var client: DoorClient? = try DoorClient(unix: path)
        client?.say("go\n")
        for await _ in begun {}
        client = nil
        gate.finish()
        // More than the socket holds, for somebody who reads none of it.
        let deaf = try DoorClient(unix: path)
        deaf.say("x\n")
        #expect(await (try DoorClient(unix: path)).ask("abc\n").utf8.count == 4_000_000)
        await server.close()
    }

    @Test func theSocketIsForUsAndOurGroup() async throws {
        let server = try serve(place.path + "/new/s")
        var status = stat()
        #expect(lstat(place.path + "/new/s", &status) == 0 && status.st_mode & 0o777 == 0o660)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path + "/new") == ["s"])
        await server.close()
    }

    @Test func whatADeadDaemonLeftIsReplaced() async throws {
        // Bound, and nobody listens: as after a kill.
        let dead = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #expect(SocketAddress.unix(path).with { bind(dead, $0, $1) } == 0)
        close(dead)
        let server = try serve()
        #expect(await (try DoorClient(unix: path)).ask("abc\n") == "cba")
        await server.close()
        #expect(throws: DoorClient.NoConnection.self) { try DoorClient(unix: path) }
    }

    @Test func whatSomebodyUsesIsLeftAlone() async throws {
        let server = try serve()
        let second = #expect(throws: TransientError.self) { try serve() }
        #expect(second?.description.hasPrefix("socket \(path): another program listens there") == true)
        #expect(await (try DoorClient(unix: path)).ask("abc\n") == "cba")
        await server.close()
        #expect(!FileManager.default.fileExists(atPath: path))

        try Data("precious".utf8).write(to: URL(filePath: path))
        let file = #expect(throws: ConfigurationError.self) { try serve() }
        #expect(file?.description.contains("no socket") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    }

    /// Replaced under our feet: what is somebody else's by now is not removed.
    @Test func onlyOurOwnSocketIsRemoved() async throws {
        let first = try serve()
        #expect(unlink(path) == 0)
        let second = try serve()
        await first.close()
        #expect(await (try DoorClient(unix: path)).ask("abc\n") == "cba")
        await second.close()
    }

    @Test func loopbackInBothFamilies() async throws {
        let exchange = LineExchange(longest: 100, tooLong: [], tooSlow: []) { $0.reversed() }
        for family in [LoopbackAddress.Family.version4, .version6] {
            let opened = Result { try Listening.loopback(LoopbackAddress(family, port: 0)) }
            // A machine may have none of these.
            if family == .version6, (try? opened.get()) == nil { continue }
            let listening = try opened.get()
            let port = try #require(listening.name.split(separator: ":").last.flatMap { UInt16($0) })
            #expect(port > 0)
            let taken = #expect(throws: TransientError.self) { try Listening.loopback(LoopbackAddress(family, port: port)) }
            #expect(taken?.description.hasPrefix("http.listen") == true)
            let server = try ConnectionServer([.init(listening: listening, exchange: exchange)])
            if family == .version4 { #expect(await (try DoorClient(port: port)).ask("abc\n") == "cba") }
            await server.close()
        }
    }

    @Test func theSocketGoesWithTheServer() async throws {
        weak var gone: ListeningSocket?
        do {
            let listening = try Listening.unix(path: path)
            gone = listening
            let exchange = LineExchange(longest: 100, tooLong: [], tooSlow: []) { $0 }
            let server = try ConnectionServer([.init(listening: listening, exchange: exchange)])
            await server.close()
        }
        #expect(gone == nil)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Whoever has the port may go: nobody need start the daemon anew.
    @Test func aTakenDoorIsOpenedWhenItIsFree() async throws {
        let place = TemporaryFolder()
        let path = place.path + "/notify.sock"
        let attempts = Mutex(0)
        var other: ListeningSocket? = try Listening.unix(path: path)
        let doors = try NoticeDoors(rest: .milliseconds(5), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            attempts.withLock { $0 += 1 }
            let exchange = LineExchange(longest: 10, tooLong: [], tooSlow: []) { _ in [] }
            return NoticeService(server: try ConnectionServer([.init(listening: try Listening.unix(path: path), exchange: exchange)]))
        }
        try await until("it is tried again") { attempts.withLock { $0 } > 2 }
        #expect(other != nil)
        other = nil
        try await until("it is open") { FileManager.default.fileExists(atPath: path) }
        await doors.close()
        try await until("it is closed") { !FileManager.default.fileExists(atPath: path) }
    }

    /// What somebody has to mend is told at once.
    @Test func aDoorThatCannotBeIsAMistake() throws {
        let place = TemporaryFolder()
        try Data().write(to: URL(filePath: place.path + "/file"))
        #expect(throws: ConfigurationError.self) {
            try NoticeDoors(log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
                _ = try Listening.unix(path: place.path + "/file")
                return nil
            }
        }
    }
}
