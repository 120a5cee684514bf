import Foundation
@testable import SourceCache
import Testing

/// A transfer that breaks goes on where it was, and only with the same bytes.
@Suite struct ResumeTests {
    /// How many requests had which range.
    private static func ranges(_ server: OriginServer) -> [String?] { server.requests.map { $0.fields["range"] } }

    @Test func aBrokenTransferGoesOn() async throws {
        let content = noise(900_000), place = try CachePlace(), count = Shared(0)
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request)
            if count.withLock({ $0 += 1; return $0 }) < 3 { answer.cut = 300_000 }
            return answer
        }
        let cache = try await place.open()
        #expect(try await cache.open(try URLOrigin.test(server.url())).bytes == content)
        let ranges = Self.ranges(server)
        #expect(ranges.count == 3 && ranges[0] == nil && ranges[1] != nil && ranges[2] != nil)
        #expect(server.requests[1].fields["if-range"] == "\"one\"")
    }

    /// What was a part of something else is thrown away.
    @Test func whatChangedMeanwhileIsFetchedWhole() async throws {
        let old = noise(900_000), new = noise(700_000), place = try CachePlace(), count = Shared(0)
        let server = try OriginServer { request in
            if count.withLock({ $0 += 1; return $0 }) == 1 {
                var answer = OriginServer.Answer.file(old, to: request)
                answer.cut = 300_000
                return answer
            }
            return .file(new, to: request, etag: "\"two\"")
        }
        #expect(try await place.open().open(try URLOrigin.test(server.url())).bytes == new)
        #expect(server.requests.count == 2)
    }

    /// A weak tag does not promise the same bytes.
    @Test func aWeakTagIsNoGroundToGoOn() async throws {
        let content = noise(900_000), place = try CachePlace(), count = Shared(0)
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request, etag: "W/\"one\"")
            if count.withLock({ $0 += 1; return $0 }) == 1 { answer.cut = 300_000 }
            return answer
        }
        #expect(try await place.open().open(try URLOrigin.test(server.url())).bytes == content)
        #expect(Self.ranges(server) == [nil, nil])
    }

    /// The process ended in the middle: the next goes on.
    @Test func theNextProcessGoesOn() async throws {
        let content = noise(900_000), place = try CachePlace()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request)
            answer.cut = 300_000
            return answer
        }
        let origin = try URLOrigin.test(server.url()), count = Shared(0)
        let first = try await place.open()
        await #expect(throws: FetchError.cancelled) {
            try await first.open(origin) { progress in progress.done < 200_000 || count.withLock({ $0 += 1; return $0 }) < 2 }
        }
        await first.close()
        server.set { .file(content, to: $0) }
        #expect(try await place.open().open(origin).bytes == content)
        #expect(Self.ranges(server).last?.map { $0 != "bytes=0-" } == true)
    }

    /// Servers that send another part, or do not know ranges.
    @Test(arguments: ["206 Partial Content", "416 Range Not Satisfiable", "200 OK"]) func aServerThatAnswersOtherwise(_ status: String) async throws {
        let content = noise(900_000), place = try CachePlace(), count = Shared(0)
        let server = try OriginServer { request in
            let number = count.withLock { $0 += 1; return $0 }
            if number == 1 {
                var answer = OriginServer.Answer.file(content, to: request)
                answer.cut = 300_000
                return answer
            }
            guard request.fields["range"] != nil else { return .file(content, to: request) }
            switch status.prefix(3) {
            case "206":
                return OriginServer.Answer(
                    status: status, fields: ["ETag: \"one\"", "Content-Range: bytes 0-899999/900000"], body: content)
            case "416": return OriginServer.Answer(status: status)
            default: return OriginServer.Answer(fields: ["ETag: \"one\""], body: content)
            }
        }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        if status.hasPrefix("206") {
            await #expect(throws: FetchError.self) { try await cache.open(origin) }
        } else {
            #expect(try await cache.open(origin).bytes == content)
        }
    }

    @Test func anEmptySourceIsOne() async throws {
        let place = try CachePlace()
        let server = try OriginServer { .file([], to: $0) }
        #expect(try await place.open().open(try URLOrigin.test(server.url())).length == 0)
    }

    @Test(arguments: ["404 Not Found", "403 Forbidden", "500 No"]) func anErrorIsNoSource(_ status: String) async throws {
        let place = try CachePlace()
        let server = try OriginServer { _ in OriginServer.Answer(status: status, body: Array("a page".utf8)) }
        await #expect(throws: FetchError.refused(status: Int(status.prefix(3))!)) { try await place.open().open(try URLOrigin.test(server.url())) }
        #expect(place.files.isEmpty)
    }
}
