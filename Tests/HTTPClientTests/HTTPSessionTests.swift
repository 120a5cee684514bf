import Foundation
import Glibc
import HTTPClient
import Testing

struct HTTPSessionTests {
    @Test func anAnswerIsReadWhole() throws {
        let server = try CannedServer([[answer("200 OK", ["ETag: \"a\"", "X-Two:  spaced"], "hello"), answer("404 Not Found", [], "no")]])
        let session = HTTPSession()
        let first = try session.perform(HTTPRequest("GET", "\(server.url)/a?b=c", headers: [("X-Asked", "yes")]))
        #expect(first.head.status == 200)
        #expect(first.head["etag"] == "\"a\"")
        #expect(first.head["x-two"] == "spaced")
        #expect(first.body == Array("hello".utf8))
        #expect(first.address == "127.0.0.1")
        // Over the same connection: the server serves one.
        #expect(try session.perform(HTTPRequest("GET", "\(server.url)/d")).head.status == 404)
        #expect(server.requests[0].hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
        #expect(server.requests[0].contains("X-Asked: yes"))
    }

    @Test func aPartOfAFileIsSent() throws {
        let server = try CannedServer([[answer("200 OK")]])
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data("0123456789".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let descriptor = open(file.path, O_RDONLY)
        defer { close(descriptor) }
        _ = try HTTPSession().perform(HTTPRequest("PUT", server.url, body: .file(descriptor, offset: 2, length: 5)))
        #expect(server.requests[0].hasPrefix("PUT / "))
        #expect(server.requests[0].hasSuffix("\r\n\r\n23456"))
        #expect(!server.requests[0].lowercased().contains("content-type"))
    }

    @Test func aFileThatIsShorterThanSaidIsAFaultOfThisHost() throws {
        let server = try CannedServer([[answer("200 OK")]])
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        let fault = #expect(throws: HTTPFault.self) {
            try HTTPSession().perform(HTTPRequest("PUT", server.url, body: .file(descriptor, offset: 0, length: 5)))
        }
        #expect(fault?.kind == .file(EIO))
    }

    @Test func aBodyGoesToItsReceiver() throws {
        let server = try CannedServer([[answer("200 OK", [], "abcdef")]])
        var got: [UInt8] = []
        let response = try HTTPSession().perform(HTTPRequest("GET", server.url), receive: { head, offset, bytes in
            #expect(head.status == 200)
            #expect(offset == Int64(got.count))
            got += bytes
            return true
        })
        #expect(got == Array("abcdef".utf8))
        #expect(response.body.isEmpty)
    }

    @Test func moreThanIsKeptIsAFaultAndAnErrorPageIsCut() throws {
        let server = try CannedServer([[answer("200 OK", [], "abcdef")], [answer("500 No", [], "abcdef")]])
        var few = HTTPPolicy()
        few.keptBytes = 4
        let policy = few
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession(policy).perform(HTTPRequest("GET", server.url)) }
        #expect(fault?.kind == .tooLarge)
        #expect(try HTTPSession(policy).perform(HTTPRequest("GET", server.url)).body == Array("abcd".utf8))
    }

    @Test func aCutAnswerIsToldFromAWholeOne() throws {
        let server = try CannedServer([["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"]])
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession().perform(HTTPRequest("GET", server.url)) }
        #expect(fault?.kind == .cut)
        #expect(fault?.isTransient == true)
    }

    @Test func nobodyListens() throws {
        let server = try CannedServer([])
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession().perform(HTTPRequest("GET", "\(server.url)/path?secret=1")) }
        #expect(fault?.kind == .connection)
        #expect(fault?.server == server.url)
        let words = try #require(fault).description
        #expect(!words.contains("secret"))
    }

    @Test func redirectsAreFollowedOnlyWhereAllowed() throws {
        let goal = try CannedServer([[answer("200 OK", [], "there")], [answer("200 OK", [], "there")]])
        let server = try CannedServer(Array(repeating: [answer("302 Found", ["Location: \(goal.url)/x"], "moved")], count: 3))
        #expect(try HTTPSession().perform(HTTPRequest("GET", server.url)).head.status == 302)
        var policy = HTTPPolicy()
        policy.redirects = 3
        let response = try HTTPSession(policy).perform(HTTPRequest("GET", server.url))
        #expect(response.body == Array("there".utf8))
        #expect(response.url == "\(goal.url)/x")
        // The address of each hop is asked for.
        let first = server.port
        policy.allows = { $0.port == first }
        let strict = policy
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession(strict).perform(HTTPRequest("GET", server.url)) }
        #expect(fault?.kind == .forbiddenAddress)
        #expect(goal.requests.count == 1)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "nonsense"])
    func onlyHTTP(address: String) {
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession().perform(HTTPRequest("GET", address)) }
        #expect(fault?.kind == .badAddress || fault?.kind == .name)
    }

    @Test func theCallerEndsIt() throws {
        let server = try CannedServer([[answer("200 OK", [], "abc")]])
        let fault = #expect(throws: HTTPFault.self) { try HTTPSession().perform(HTTPRequest("GET", server.url), receive: { _, _, _ in false }) }
        #expect(fault?.kind == .cancelled)
    }
}
