import Foundation
import SiteFixture
import Testing

@testable import Site

/// Against a real server.
@Suite struct RedisCacheTests {

    @Test func exactlyTheRightKeysAreRemoved() async throws {
        let test = try await TestSite()
        @Sendable func sum(_ text: String) async throws -> String {
            URL(filePath: try await test.fixture.cacheFile(text)).lastPathComponent
        }
        let tags = ["post": "tag:fresnsPosts:entries", "comment": "tag:fresnsComments:entries"]
        try await RedisProcess.use { redis in
            // As Laravel writes an entry with one tag: its name in the tag's set, and its value under the tag's name.
            func put(_ prefix: String, _ tag: String, _ key: String) async throws -> String {
                let entry = "\(try await sum(tag)):\(key)"
                try await redis.ask("ZADD", prefix + tag, "1900000000", entry)
                try await redis.ask("SET", prefix + entry, "old")
                return prefix + entry
            }
            var right: Set<String> = []
            var others: Set<String> = []
            for (kind, id) in [("post", Int64(7)), ("comment", 9)] {
                for key in FixtureSite.detailKeys(kind, id) { right.insert(try await put("r_c_", tags[kind]!, key)) }
            }
            for key in FixtureSite.otherKeys(7) { others.insert(try await put("r_c_", tags["post"]!, key)) }
            // Another site's, and the same name under another tag.
            others.insert(try await put("other_", tags["post"]!, "fresns_detail_post_7_en"))
            others.insert(try await put("r_c_", "tag:fresnsUsers:entries", "fresns_detail_post_7_en"))
            try await redis.ask("SET", "r_c_fresns_detail_post_7_en", "elsewhere", database: 0)

            // Under two tags, in their order.
            let pair = "tag:fresnsModels:entries|tag:fresnsFiles:entries"
            let both = "\(try await sum(pair)):fresns_model_file_7"
            for tag in ["fresnsModels", "fresnsFiles"] { try await redis.ask("ZADD", "r_c_tag:\(tag):entries", "1900000000", both) }
            try await redis.ask("SET", "r_c_" + both, "old")
            right.insert("r_c_" + both)

            let details = [("post", Int64(7), "fresnsPosts"), ("comment", 9, "fresnsComments")].flatMap { kind, id, tag in
                FixtureSite.detailKeys(kind, id).map { CachedEntry($0, tags: tag) }
            } + [CachedEntry("fresns_model_file_7", tags: "fresnsModels", "fresnsFiles")]
            let server = RedisServer(host: "127.0.0.1", port: redis.port, password: RedisProcess.password, database: 1)
            let cache = RedisCache(server, prefixes: ["nothing_", "r_c_"])
            #expect(try await detached { try cache.drop(details) } == 5)
            let left = Set(try await redis.ask("KEYS", "*").split(separator: "\n").map(String.init)).filter { !$0.hasSuffix(":entries") }
            #expect(left == others && left.isDisjoint(with: right))
            // Nothing but the names of what is there is left in the sets.
            #expect(try await redis.ask("ZCARD", "r_c_tag:fresnsPosts:entries") == "\(FixtureSite.otherKeys(7).count)\n")
            #expect(try await redis.ask("EXISTS", "r_c_tag:fresnsModels:entries", "r_c_tag:fresnsFiles:entries") == "0\n")
            #expect(try await redis.ask("DBSIZE", database: 0) == "1\n")
            #expect(try await detached { try cache.drop(details) } == 0)
            #expect(try await detached { try RedisCache(server, prefixes: ["r_c_"]).drop([]) } == 0)

            var local = server
            local.host = redis.socket
            let bySocket = RedisCache(local, prefixes: ["r_c_"])
            try await detached { try bySocket.check() }
        }
    }

    /// Each word is sent with its own length: neither a NUL nor what takes several bytes cuts it short.
    @Test func wordsMayHoldAnything() async throws {
        try await RedisProcess.use { redis in
            let server = RedisServer(host: redis.socket, password: RedisProcess.password, database: 1)
            let key = "a\0ключ 钥匙", value = "\0wert\0ü🎬\n\0"
            try await detached {
                let connection = try RedisConnection(server)
                #expect(try connection.count(["APPEND", key, value]) == value.utf8.count)
                #expect(try connection.count(["STRLEN", key]) == value.utf8.count)
                #expect(try connection.count(["EXISTS", "a", "", "a\0", key]) == 1)
                #expect(try connection.count(["SADD", "", "", "\0", "\0\0"]) == 3, "an empty word is one")
                #expect(try connection.count(["DEL", key, ""]) == 2)
            }
            #expect(try await redis.ask("DBSIZE").contains("0"))
        }
    }

    @Test func whatIsWrongIsNamedAndNeverThePassword() async throws {
        try await RedisProcess.use { redis in
            var server = RedisServer(host: "127.0.0.1", port: redis.port, password: "wrong-secret", database: 1)
            func sentence(_ server: RedisServer) async -> String {
                do {
                    try await detached { try RedisCache(server, prefixes: [""]).check() }
                    return "it lets us in"
                } catch {
                    return "\(error)"
                }
            }
            let refused = await sentence(server)
            #expect(refused.contains("WRONGPASS") && refused.contains("127.0.0.1:\(redis.port)") && !refused.contains("wrong-secret"))
            server.password = nil
            #expect(await sentence(server).contains("NOAUTH"))
            server.password = RedisProcess.password
            server.database = 4711
            #expect(await sentence(server).contains("out of range"))
            server.database = 1
            #expect(await sentence(server) == "it lets us in")
            server.port = 1
            #expect(await sentence(server).contains("refused"))
            server.host = "/nowhere/redis.sock"
            #expect(await sentence(server).contains("/nowhere/redis.sock"))
        }
    }

    /// As one does that has been told to forget AUTH, and goes away meanwhile. The process lives on: nothing is written that
    /// nobody can read.
    @Test func whatAServerRepeatsOfThePasswordIsNotShown() async throws {
        for (answers, word) in [
            (["-ERR unknown command 'AUTH', with args beginning with: 'a-secret'\r\n"], "unknown command"),
            (["-ERR what is a-secret\r\n"], "what is •••"), (["+OK\r\n", ":1\r\n", "Hello\r\n"], "does not speak"),
            (["+OK\r\n", ":1\r\n", "+PONG\r\n"], "Broken pipe"),
        ] {
            let place = FileManager.default.temporaryDirectory.path + "/redis-\(UUID())"
            defer { unlink(place) }
            let listening = try FalseRedis(path: place, answers: answers)
            let server = RedisServer(host: place, password: "a-secret", database: 1)
            let failure = await #expect(throws: CacheError.self) {
                try await detached { try RedisCache(server, prefixes: [""]).drop([CachedEntry("fresns_detail_post_1_en", tags: "fresnsPosts")]) }
            }
            let text = failure.map { "\($0)" } ?? ""
            #expect(text.contains(word) && text.contains(place) && !text.contains("a-secret"), "\(text)")
            withExtendedLifetime(listening) {}
        }
    }

    /// What blocks is kept off the threads that tests run on.
    private func detached<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
