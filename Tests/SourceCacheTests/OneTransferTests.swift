import Foundation
import HTTPClient
@testable import SourceCache
import Testing

/// Each source is fetched once, and what is served is what the origin has.
@Suite struct OneTransferTests {
    @Test func twentyAskAndOneTransferServesThem() async throws {
        let content = noise(3 << 20), gate = OriginServer.Gate(), place = try CachePlace()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request, ["Cache-Control: max-age=60"])
            answer.gate = gate
            return answer
        }
        let cache = try await place.open(), url = server.url()
        let told = Shared<[Int: CacheProgress]>([:])
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let source = try await cache.open(try URLOrigin.test(url)) { progress in
                        told.withLock { $0[number] = progress }
                        return true
                    }
                    #expect(source.bytes == content)
                }
            }
            // All of them wait for the one transfer.
            while told.withLock(\.count) < 20 { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(server.requests.count == 1)
        #expect(told.withLock { $0.values.allSatisfy { $0.whole == Int64(content.count) } })
        #expect(cache.statistics.fetchedBytes == Int64(content.count))
        #expect(place.files.count == 1)
    }

    @Test func whileItIsFreshNobodyIsAsked() async throws {
        let place = try CachePlace(), content = noise(1000)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=60"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        #expect(try await cache.open(origin).how == .fetched)
        #expect(try await cache.open(origin).how == .fresh)
        place.pass(seconds: 59)
        #expect(try await cache.open(origin).how == .fresh)
        #expect(server.requests.count == 1)
        place.pass(seconds: 2)
        // It is asked whether it changed, and is not sent again.
        let again = try await cache.open(origin)
        #expect(again.how == .revalidated && again.bytes == content)
        #expect(server.requests.last?.fields["if-none-match"] == "\"one\"")
        #expect(try await cache.open(origin).how == .fresh)
        #expect(server.requests.count == 2 && cache.statistics.fetchedBytes == 1000)
    }

    /// Memory must not go on with what the origin has replaced (flutter_cache_manager#250).
    @Test func whatChangedIsServedAsItIsNow() async throws {
        let place = try CachePlace(), old = noise(1000), new = noise(2000)
        let server = try OriginServer { .file(old, to: $0, ["Cache-Control: max-age=60"]) }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        let opened = try await cache.open(origin)
        server.set { .file(new, to: $0, etag: "\"two\"", ["Cache-Control: max-age=60"]) }
        place.pass(seconds: 61)
        #expect(try await cache.open(origin).bytes == new)
        #expect(try await cache.open(origin).bytes == new)
        // Who had it open has what was opened; its file is gone.
        #expect(opened.bytes == old)
        #expect(place.files.count == 1)
    }

    /// The rows outlive the process, and the next finds them.
    @Test func theNextProcessFindsIt() async throws {
        let place = try CachePlace(), content = noise(1000)
        let server = try OriginServer { .file(content, to: $0, ["Cache-Control: max-age=60"]) }
        let origin = try URLOrigin.test(server.url())
        let first = try await place.open()
        _ = try await first.open(origin)
        await first.close()
        #expect(try await place.open().open(origin).how == .fresh)
        #expect(server.requests.count == 1)
    }

    @Test func twoProcessesFetchItOnce() async throws {
        let content = noise(1 << 20), gate = OriginServer.Gate(), place = try CachePlace()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request, ["Cache-Control: max-age=60"])
            answer.gate = gate
            return answer
        }
        let origin = try URLOrigin.test(server.url())
        let one = try await place.open(), other = try await place.open()
        let isWaiting = Shared(false)
        let first = Task {
            try await one.open(origin) { _ in
                isWaiting.withLock { $0 = true }
                return true
            }
        }
        while !isWaiting.withLock(\.self) { await Task.yield() }
        isWaiting.withLock { $0 = false }
        let second = Task {
            try await other.open(origin) { _ in
                isWaiting.withLock { $0 = true }
                return true
            }
        }
        while !isWaiting.withLock(\.self) { await Task.yield() }
        gate.open()
        for source in [try await first.value, try await second.value] { #expect(source.bytes == content) }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [1, 2, 3]) func soManyAtOnceAndNoMore(_ transfers: Int) async throws {
        let place = try CachePlace(), gate = OriginServer.Gate()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(Array(request.target.utf8), to: request)
            answer.gate = gate
            return answer
        }
        let cache = try await place.open(transfers: transfers)
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                let origin = try URLOrigin.test(server.url("/\(number)"))
                group.addTask {
                    let bytes = try await cache.open(origin).bytes
                    #expect(bytes == Array("/\(number)".utf8))
                }
            }
            while server.requests.count < transfers { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        #expect(server.mostAtOnce == transfers)
    }

    @Test func whoLeavesDoesNotEndItForOthers() async throws {
        let content = noise(4 << 20), gate = OriginServer.Gate(), place = try CachePlace()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(content, to: request)
            answer.gate = gate
            return answer
        }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        let isWaiting = Shared(false)
        let stays = Task {
            try await cache.open(origin) { _ in
                isWaiting.withLock { $0 = true }
                return true
            }
        }
        while !isWaiting.withLock(\.self) { await Task.yield() }
        await #expect(throws: FetchError.cancelled) { try await cache.open(origin) { _ in false } }
        gate.open()
        let source = try await stays.value
        #expect(source.bytes == content)
        #expect(server.requests.count == 1)
    }

    @Test func whereAllLeaveItEnds() async throws {
        let gate = OriginServer.Gate(), place = try CachePlace()
        let server = try OriginServer { request in
            var answer = OriginServer.Answer.file(noise(1 << 20), to: request)
            answer.gate = gate
            return answer
        }
        defer { gate.open() }
        let cache = try await place.open(), origin = try URLOrigin.test(server.url())
        await #expect(throws: FetchError.cancelled) { try await cache.open(origin) { _ in false } }
        #expect(place.files.isEmpty)
    }
}
