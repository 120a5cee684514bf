import Foundation
@testable import SourceCache
import Testing

/// The folder stays as large as it may, and says what it holds.
@Suite struct RoomTests {
    private static func fill(_ place: CachePlace, _ cache: SourceCache, _ server: OriginServer, _ paths: [String]) async throws {
        for path in paths {
            _ = try await cache.open(try URLOrigin.test(server.url(path)))
            place.pass(seconds: 1)
        }
    }

    /// Rows whose files stay are the fault of Fladder's PR 1115.
    @Test func theOneUsedLeastRecentlyGoesWithItsFile() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(Array(repeating: 7, count: 1000), to: $0, ["Cache-Control: max-age=600"]) }
        let cache = try await place.open(capacity: 3000)
        try await Self.fill(place, cache, server, ["/a", "/b", "/c"])
        try await Self.fill(place, cache, server, ["/a", "/d"])
        #expect(place.files.count == 3 && cache.bytes == 3000 && cache.statistics.evictions == 1)
        #expect(try await cache.open(try URLOrigin.test(server.url("/a"))).how == .fresh)
        #expect(try await cache.open(try URLOrigin.test(server.url("/b"))).how == .fetched)
    }

    @Test func whatIsOpenStaysReadable() async throws {
        let place = try CachePlace(), content = noise(2000)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=600"]) }
        let cache = try await place.open(capacity: 2000)
        let open = try await cache.open(try URLOrigin.test(server.url("/a")))
        try await Self.fill(place, cache, server, ["/b", "/c"])
        #expect(place.files.count == 1)
        #expect(open.bytes == content)
    }

    @Test func withoutRoomNothingIsFetched() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(5000), to: $0) }
        let cache = try await place.open { $0 < 5000 }
        await #expect(throws: FetchError.noSpace(need: 5000)) { try await cache.open(try URLOrigin.test(server.url())) }
    }

    @Test func whatIsTooLargeIsRefusedBeforeItComes() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(5000), to: $0) }
        let cache = try await place.open(largest: 4999)
        await #expect(throws: FetchError.tooLarge(limit: 4999)) { try await cache.open(try URLOrigin.test(server.url())) }
    }

    @Test(arguments: ["a byte", "its end", "all"]) func whatIsDamagedIsFetchedAgain(_ damage: String) async throws {
        let place = try CachePlace(), content = noise(5000)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=600"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        _ = try await cache.open(origin)
        let file = try #require(place.files.first)
        switch damage {
        case "a byte":
            var bytes = content
            bytes[100] ^= 1
            try Data(bytes).write(to: URL(filePath: file))
        case "its end": #expect(truncate(file, 4000) == 0)
        default: try FileManager.default.removeItem(atPath: file)
        }
        let again = try await cache.open(origin)
        #expect(again.how == .fetched && again.bytes == content)
        #expect(server.requests.count == 2 && place.files.count == 1)
    }

    /// A backup that wrote it anew has the same bytes.
    @Test func whatWasRestoredIsNotFetchedAgain() async throws {
        let place = try CachePlace(), content = noise(5000)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=600"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        _ = try await cache.open(origin)
        try Data(content).write(to: URL(filePath: try #require(place.files.first)))
        #expect(try await cache.open(origin).how == .fresh)
    }

    @Test func orphansGoBothWays() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(100), to: $0, ["Cache-Control: max-age=600"]) }
        let cache = try await place.open()
        try await Self.fill(place, cache, server, ["/a", "/b"])
        try FileManager.default.removeItem(atPath: try #require(place.files.first))
        try Data([1]).write(to: URL(filePath: place.folder + "/files/stray"))
        // Young ones may be about to get their row. The files' own clock is the machine's.
        let first = try await cache.sweep(grace: 1_000_000_000)
        #expect(first.files == 0 && first.rows == 1)
        let second = try await cache.sweep(grace: -1_000_000_000)
        #expect(second.files == 1 && second.rows == 0)
        #expect(place.files.count == 1 && cache.bytes == 100)
    }

    @Test func anIndexThatCannotBeReadIsBegunAnew() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file(noise(100), to: $0, ["Cache-Control: max-age=600"]) }
        let first = try await place.open()
        try await Self.fill(place, first, server, ["/a"])
        await first.close()
        try Data("not a database, and long enough to be one of a hundred bytes or more: \(String(repeating: "x", count: 200))".utf8)
            .write(to: URL(filePath: place.folder + "/index.sqlite"))
        let cache = try await place.open()
        #expect(try await cache.open(try URLOrigin.test(server.url("/a"))).how == .fetched)
        let swept = try await cache.sweep(grace: -1_000_000_000)
        #expect(swept.files == 1 && swept.rows == 0)
    }
}
