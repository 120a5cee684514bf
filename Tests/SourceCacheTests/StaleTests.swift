import HTTPClient
@testable import SourceCache
import Testing

/// What is stale is served where the origin allows it, and nowhere else.
@Suite struct StaleTests {
    @Test func whileItIsAskedTheOldOneServes() async throws {
        let place = try CachePlace(), old = noise(100), new = noise(200)
        let server = try OriginServer { .file(old, to: $0, ["Cache-Control: max-age=60, stale-while-revalidate=30"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        _ = try await cache.open(origin)
        server.set { .file(new, to: $0, etag: "\"two\"", ["Cache-Control: max-age=60"]) }
        place.pass(seconds: 70)
        let stale = try await cache.open(origin)
        #expect(stale.how == .stale && stale.bytes == old)
        while server.requests.count < 2 { await Task.yield() }
        while try await cache.open(origin).how != .fresh { await Task.yield() }
        #expect(try await cache.open(origin).bytes == new)
    }

    @Test func whereTheOriginFailsTheOldOneServes() async throws {
        let place = try CachePlace(), content = noise(100)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=60, stale-if-error=600"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        _ = try await cache.open(origin)
        server.set { _ in OriginServer.Answer(status: "503 No") }
        place.pass(seconds: 70)
        let stale = try await cache.open(origin)
        #expect(stale.how == .staleAfterError && stale.bytes == content)
        place.pass(seconds: 600)
        await #expect(throws: FetchError.refused(status: 503)) { try await cache.open(origin) }
    }

    /// Offline, what is here serves, and it is said that nobody could be asked; but not where the origin wants to be asked.
    @Test(arguments: [("max-age=60", true), ("max-age=60, must-revalidate", false), ("no-cache", false)])
    func offline(_ control: String, _ servesOld: Bool) async throws {
        let place = try CachePlace()
        let cache = try await place.open()
        let origin: URLOrigin
        do {
            let server = try OriginServer { .file([1, 2], to: $0, ["Cache-Control: \(control)"]) }
            origin = try URLOrigin.test(server.url())
            _ = try await cache.open(origin)
        }
        if control.hasPrefix("max-age") { #expect(try await cache.open(origin).how == .fresh) }
        place.pass(seconds: 1_000_000)
        if servesOld {
            let old = try await cache.open(origin)
            #expect(old.how == .staleAfterError && old.bytes == [1, 2])
        } else {
            await #expect(throws: HTTPFault.self) { try await cache.open(origin) }
        }
    }

    @Test func whatIsNotToBeKeptIsNotServedAgain() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(100), to: $0, etag: nil, ["Cache-Control: no-store"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        for _ in 0..<3 { #expect(try await cache.open(origin).how == .fetched) }
        #expect(server.requests.count == 3 && place.files.count == 1)
    }
}
