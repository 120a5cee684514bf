import HTTPClient
@testable import SourceCache
import Testing

/// An address that a stranger names leads to the Internet or nowhere.
@Suite struct ForbiddenAddressTests {
    @Test(arguments: [
        "file:///etc/passwd", "ftp://example.com/a", "gopher://example.com/", "dict://example.com:11/", "example.com/a", "//example.com/a", "http:example.com",
        "http://example.com/a b", "http://example.com/a\nHost: x", "",
    ])
    func onlyHTTP(_ url: String) {
        #expect(throws: FetchError.badAddress(url)) { try URLOrigin(url) }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"])
    func noNameLeadsToThisHost(_ host: String) async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file([1], to: $0) }
        let origin = try URLOrigin("http://\(host):\(server.port)/a")
        let fault = await #expect(throws: HTTPFault.self) { try await place.open().open(origin) }
        #expect(fault?.kind != .cancelled)
        #expect(server.requests.isEmpty)
    }

    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://100.64.0.1/",
        "http://[fe80::1]/", "http://[fd00::1]/",
    ])
    func noPrivateAddressIsConnectedTo(_ url: String) async throws {
        let place = try CachePlace()
        let fault = await #expect(throws: HTTPFault.self) { try await place.open().open(try URLOrigin(url)) }
        #expect(fault?.kind == .forbiddenAddress)
    }

    /// The first address is allowed, and sends on to one that is not.
    @Test func aRedirectIsLookedAtToo() async throws {
        let place = try CachePlace()
        let secret = try OriginServer { .file([1], to: $0) }
        let target = secret.url()
        let server = try OriginServer { _ in OriginServer.Answer(status: "302 Found", fields: ["Location: \(target)"]) }
        let port = server.port
        let origin = try URLOrigin(server.url(), isAllowed: { $0.port == port })
        let fault = await #expect(throws: HTTPFault.self) { try await place.open().open(origin) }
        #expect(fault?.kind == .forbiddenAddress)
        #expect(secret.requests.isEmpty)
    }

    @Test func threeRedirectsAndNoMore() async throws {
        let place = try CachePlace()
        let server = try OriginServer { request in
            let number = Int(request.target.dropFirst()) ?? 0
            return number == 0 ? .file([1], to: request) : OriginServer.Answer(status: "302 Found", fields: ["Location: /\(number - 1)"])
        }
        let cache = try await place.open()
        #expect(try await cache.open(try URLOrigin.test(server.url("/3"))).bytes == [1])
        let fault = await #expect(throws: HTTPFault.self) { try await cache.open(try URLOrigin.test(server.url("/4"))) }
        #expect(fault?.kind == .redirects)
    }
}
