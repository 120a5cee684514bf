import Testing
@testable import Configuration
@testable import Worker

@Suite struct HTTPExchangeTests {
    private let token = "0123456789abcdef-token"

    private func exchange() -> HTTPExchange {
        let echo: @Sendable (HTTPCall) async -> HTTPResponse = { HTTPResponse(status: 200, body: $0.body + Array($0.tail.utf8)) }
        return HTTPExchange(
            routes: [
                .init(method: "POST", path: "/notify", longestBody: 10, token: BearerToken(token), respond: echo),
                .init(method: "GET", path: "/open", longestBody: 0, token: nil, respond: echo),
            ]) { Array($0.utf8) }
    }

    /// Nil: more is to come.
    private func answer(_ text: String, isEnd: Bool = false) async throws -> String? {
        switch exchange().read(Array(text.utf8), isEnd: isEnd) {
        case .incomplete: nil
        case .answer(let bytes): String(decoding: bytes, as: UTF8.self)
        case .work(let work): String(decoding: await work(), as: UTF8.self)
        }
    }

    private func request(_ more: String = "", first: String = "POST /notify HTTP/1.1", body: String = "hello") -> String {
        "\(first)\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Length: 5\r\n\(more)\r\n\(body)"
    }

    @Test func aRequestIsAnsweredOnceItIsWhole() async throws {
        let whole = request()
        for length in 0..<whole.utf8.count {
            #expect(try await answer(String(decoding: whole.utf8.prefix(length), as: UTF8.self)) == nil, "\(length)")
        }
        let answer = try #require(try await answer(whole))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.hasSuffix("\r\n\r\nhello"))
        #expect(answer.contains("Content-Length: 5\r\n") && answer.contains("Connection: close\r\n"))
        #expect(try await self.answer(whole + "and more") == answer, "what comes behind it is nobody's")
        let other = "GET /open?x=1 HTTP/1.1\r\nhost: [::1]:80\r\n\r\n"
        #expect(try await self.answer(other)?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
        #expect(try await self.answer(request(first: "POST /notify HTTP/1.0"))?.hasPrefix("HTTP/1.1 200") == true)
    }

    @Test(arguments: [
        ("GARBAGE\r\n\r\n", 400), ("POST  /notify HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("POST notify HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST http://x/notify HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("P(ST /notify HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET /open HTTP/2.0\r\nHost: x\r\n\r\n", 505), ("GET /open HTTP/1.1\r\n\r\n", 400),
        ("GET /open HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET /open HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET /open HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400), ("GET /open HTTP/1.1\nHost: x\n\r\n\r\n", 400),
        ("GET /open HTTP/1.1\r\nHost: \u{0}x\r\n\r\n", 400), ("GET /open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n", 413),
        ("\r\n\r\n", 400), ("GET /other HTTP/1.1\r\nHost: x\r\n\r\n", 404), ("GET /notify HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        ("POST /notify HTTP/1.1\r\nHost: x\r\n\r\n", 401),
        ("GET /open HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n", 417),
    ])
    func whatIsWrongIsToldByItsNumber(text: String, status: Int) async throws {
        let answer = try #require(try await answer(text))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
    }

    @Test(arguments: ["-1", "+5", "5, 5", "0x5", "", "5 5", "99999999999999999999"])
    func aLengthIsANumber(length: String) async throws {
        let text = "POST /notify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: \(length)\r\n\r\nhello"
        #expect(try await answer(text)?.hasPrefix("HTTP/1.1 400 ") == true)
    }

    @Test func lengthsThatContradictEachOtherAreRefused() async throws {
        #expect(try await answer(request("Content-Length: 6\r\n"))?.hasPrefix("HTTP/1.1 400 ") == true)
        #expect(try await answer(request("Transfer-Encoding: chunked\r\n"))?.hasPrefix("HTTP/1.1 501 ") == true)
        let none = "POST /notify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n"
        #expect(try await answer(none)?.hasPrefix("HTTP/1.1 411 ") == true)
        let long = "POST /notify HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Length: 11\r\n\r\n"
        #expect(try await answer(long)?.hasPrefix("HTTP/1.1 413 ") == true, "before it comes")
    }

    @Test func aHeadWithoutAnEndIsNotKept() async throws {
        let endless = "GET /open HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "x", count: 4096)
        #expect(try await answer(endless)?.hasPrefix("HTTP/1.1 431 ") == true)
        #expect(try await answer(endless + "\r\n\r\n")?.hasPrefix("HTTP/1.1 431 ") == true)
        #expect(try await answer("GET /open HT", isEnd: true)?.hasPrefix("HTTP/1.1 400 ") == true)
        #expect(try await answer("", isEnd: true)?.isEmpty == true)
    }

    @Test(arguments: [
        "", "Bearer", "Bearer ", "Bearer wrong", "Basic 0123456789abcdef-token", "0123456789abcdef-token",
        "Bearer 0123456789abcdef-toke", "Bearer 0123456789abcdef-tokenn", "Bearer 0123456789abcdef-tokeN",
    ])
    func whoCannotShowTheTokenIsNotListenedTo(header: String) async throws {
        let text = "POST /notify HTTP/1.1\r\nHost: x\r\nAuthorization: \(header)\r\nContent-Length: 5\r\n\r\n"
        let answer = try #require(try await answer(text), "before its body comes")
        #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.contains("WWW-Authenticate: Bearer\r\n"))
        #expect(!answer.contains(token))
    }

    @Test func twoTokensAreNone() async throws {
        let answer = try await answer(request("Authorization: Bearer \(token)\r\n"))
        #expect(answer?.hasPrefix("HTTP/1.1 401 ") == true)
    }
}
