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
        await #expect(throws: CacheError.refused(status: 503)) { try await cache.open(origin) }
    }

    /// Offline, with an entry that is still good.
    @Test func offlineWhatIsFreshServes() async throws {
        let place = try CachePlace()
        let cache = try await place.open()
        let url: String
        do {
            let server = try OriginServer { .file([1, 2], to: $0, ["Cache-Control: max-age=60"]) }
            url = server.url()
            _ = try await cache.open(try URLOrigin.test(url))
        }
        #expect(try await cache.open(try URLOrigin.test(url)).how == .fresh)
    }

    @Test func whatIsNotToBeKeptIsNotServedAgain() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(100), to: $0, etag: nil, ["Cache-Control: no-store"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        for _ in 0..<3 { #expect(try await cache.open(origin).how == .fetched) }
        #expect(server.requests.count == 3 && place.files.count == 1)
    }
}
