import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

/// What the site has cached of a file: exactly that is dropped.
@Suite struct CacheTests {
    /// A file in a post and a comment; another post let go of it.
    private func used(_ test: TestSite) async throws -> (file: Upload, post: Int64, comment: Int64, former: Int64) {
        let (file, former) = try await test.fixture.publish(nil, as: .post)
        try await test.fixture.edit(post: former, files: [])
        let post = try await test.fixture.write(.post)
        try await test.fixture.attach(file, to: .post, post)
        // Not of the post's number.
        _ = try await test.fixture.write(.comment)
        _ = try await test.fixture.write(.comment)
        let comment = try await test.fixture.write(.comment)
        try await test.fixture.attach(file, to: .comment, comment)
        return (file, post, comment, former)
    }

    /// Every entry that shows the file, in each language, and no other: by Fresns' own names.
    @Test(arguments: TestSite.kinds)
    func entriesAreThoseThatShowTheFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let (file, post, comment, former) = try await used(test)
        try await test.run("UPDATE {comments} SET post_id = 4711, top_parent_id = 4712 WHERE id = \(comment)")
        let draft = try #require(file.draftID)
        let entries = try await test.site.cachedEntries(of: file.id)
        func inLanguages(_ key: String) -> [String] { ["en", "zh-Hans"].map { "\(key)_\($0)" } }
        let names = ["\(file.id)", file.fid]
        var keys = names.flatMap { ["fresns_file_info_\($0)", "fresns_model_file_\($0)"] }
        keys += FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        keys += inLanguages("fresns_detail_post_history_\(draft)")
        keys += inLanguages("fresns_detail_post_4711_preview_comments") + inLanguages("fresns_detail_comment_4712_preview_comments")
        if kind.edition == .v2 {
            let pid = try #require(try await test.run("SELECT pid FROM {posts} WHERE id = \(post)").first?.text("pid"))
            let cid = try #require(try await test.run("SELECT cid FROM {comments} WHERE id = \(comment)").first?.text("cid"))
            for key in ["fresns_api_post_\(pid)", "fresns_api_comment_\(cid)"] {
                keys += inLanguages(key) + ["\(key)_list_content", "\(key)_detail_content"]
            }
            keys += inLanguages("fresns_api_post_4711_preview_comments") + inLanguages("fresns_api_comment_4712_sub_comments")
        }
        let found = entries.map(\.key)
        #expect(Set(found) == Set(keys), "\(Set(found).symmetricDifference(keys))")
        #expect(!found.contains { $0.contains("_post_\(former)_") })
        let tags = Dictionary(entries.map { ($0.key, $0.tags) }) { first, _ in first }
        #expect(tags["fresns_detail_post_4711_preview_comments_en"] == ["fresnsComments"] && tags["fresns_file_info_\(file.fid)"] == ["fresnsFiles"])
        if kind.edition == .v2 {
            #expect(entries.contains(CachedEntry("fresns_model_file_\(file.id)", tags: "fresnsModels", "fresnsFiles")))
            #expect(tags["fresns_api_post_4711_preview_comments_en"] == ["fresnsPosts", "fresnsComments"])
        }

        let message = try await test.fixture.publish(nil, as: .message, name: "a.mp3").file
        let ofMessage = Set(try await test.site.cachedEntries(of: message.id).map(\.key))
        #expect(ofMessage == Set(["\(message.id)", message.fid].flatMap { ["fresns_file_info_\($0)", "fresns_model_file_\($0)"] }))
        #expect(try await test.site.cachedEntries(of: 999).map(\.key).contains("fresns_file_info_999"), "a file whose row is gone")

        try await test.run("DELETE FROM {configs} WHERE item_key = 'language_menus'")
        #expect(try await test.site.languages() == ["en"])
    }

    @Test func exactlyTheRightFilesAreRemoved() async throws {
        let test = try await TestSite()
        let (file, post, comment, former) = try await used(test)
        let right = FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        let others = FixtureSite.otherKeys(post) + FixtureSite.detailKeys("post", former) + FixtureSite.detailKeys("comment", post)
        try await test.fixture.fillFileCache(right + others)
        let details = try await test.site.cachedEntries(of: file.id)
        let cache = FileCache(folder: test.fixture.cachePath)
        #expect(try cache.drop(details) == 4)
        #expect(try await test.fixture.fileCache(right + others) == Set(others))
        #expect(try cache.drop(details) == 0, "what is gone is no fault")
        #expect(try FileCache(folder: test.fixture.root + "/nowhere").drop(details) == 0)
    }

    /// What is behind a link is not the cache's, whoever put the link there; an entry that is a link goes, and not what it names.
    @Test func noLinkIsFollowed() async throws {
        let test = try await TestSite()
        let detail = CachedEntry("fresns_detail_post_1_en", tags: "fresnsPosts")
        let entry = URL(filePath: try await test.fixture.cacheFile(detail.key))
        let outside = URL(filePath: test.fixture.root + "/outside")
        let cache = FileCache(folder: test.fixture.cachePath)
        let files = FileManager.default
        for levels in [1, 2] {
            try files.createDirectory(at: outside, withIntermediateDirectories: true)
            var link = entry.deletingLastPathComponent()
            var victim = outside.appending(path: entry.lastPathComponent)
            if levels == 2 {
                victim = outside.appending(path: link.lastPathComponent + "/" + entry.lastPathComponent)
                link = link.deletingLastPathComponent()
            }
            try files.createDirectory(at: victim.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("mine".utf8).write(to: victim)
            try files.createDirectory(at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
            try files.createSymbolicLink(at: link, withDestinationURL: outside)
            let error = #expect(throws: CacheError.self) { try cache.drop([detail]) }
            #expect(error?.description.contains("symbolic link") == true && error?.description.contains(entry.path) == true)
            #expect(files.fileExists(atPath: victim.path))
            try files.removeItem(at: outside)
            try files.removeItem(atPath: test.fixture.cachePath)
        }
        try files.createDirectory(at: entry.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: outside)
        try files.createSymbolicLink(at: entry, withDestinationURL: outside)
        #expect(try cache.drop([detail]) == 1)
        #expect(files.fileExists(atPath: outside.path))
        // A folder is no entry.
        try files.createDirectory(at: entry, withIntermediateDirectories: true)
        #expect(throws: CacheError.self) { try cache.drop([detail]) }
        #expect(files.fileExists(atPath: entry.path))
    }

    @Test(arguments: TestSite.kinds)
    func exactlyTheRightRowsAreRemoved(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let (file, post, comment, former) = try await used(test)
        let right = FixtureSite.detailKeys("post", post) + FixtureSite.detailKeys("comment", comment)
        let others = FixtureSite.otherKeys(post) + FixtureSite.detailKeys("post", former)
        let kept = others.map { "demo_" + $0 } + right + right.map { "DEMO_" + $0 }
        try await test.fixture.fillTableCache(right.map { "demo_" + $0 } + kept)
        let details = try await test.site.cachedEntries(of: file.id)
        #expect(try await test.site.drop(details, fromTable: "cache", prefixes: ["demo_"]) == 4)
        #expect(try await test.fixture.tableCache() == Set(kept))
    }

    // MARK: the mark

    private func mark(_ test: TestSite, _ file: Upload) async throws -> StaleCacheEntry? {
        try await test.site.staleDetails(of: file.id)
    }

    /// In the transaction that writes the row: wherever readers would be shown something else.
    @Test(arguments: TestSite.kinds)
    func everyEndMarksTheFile(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let done = try await test.post()
        let claim = try #require(try await test.claim(done))
        #expect(try await mark(test, done) == nil, "until then the upload is played as before")
        #expect(try await test.site.succeed(claim, TestSite.result()))
        let stale = try #require(try await mark(test, done))
        #expect(stale.fid == done.fid)
        #expect(try await test.site.staleDetails(limit: 10) == [stale])

        let failed = try await test.post()
        let second = try #require(try await test.claim(failed))
        #expect(try await test.site.fail(second, Verdict(.crashed, "x"), retryAt: Date(timeIntervalSinceNow: -1)))
        #expect(try await mark(test, failed) == nil, "it waits as before")
        let third = try #require(try await test.claim(failed))
        #expect(try await test.site.fail(third, Verdict(.damaged, "x"), retryAt: nil))
        #expect(try await mark(test, failed) != nil)
        for hand in [test.site.retry, test.site.cancel] {
            try await test.run("UPDATE {transcoder_jobs} SET forget_cache = NULL")
            _ = try await hand(failed.id)
            #expect(try await mark(test, failed) != nil)
        }

        let lost = try await test.post()
        _ = try await test.claim(lost)
        try await test.run("UPDATE {transcoder_jobs} SET losses = ? WHERE file_id = ?", [.int(RetryPolicy().lossCap), .integer(lost.id)])
        _ = try await test.site.reclaimLost(isAlive: { _ in false }, thisHost: "here")
        #expect(try await mark(test, lost) != nil)
    }

    @Test func aMarkIsStruckByWhoeverSawItAlone() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        let old = try #require(try await mark(test, file))
        try await test.run("UPDATE {transcoder_jobs} SET forget_cache = forget_cache + 5, updated_at = updated_at - 30000")
        try await test.site.dropped(old)
        let new = try #require(try await mark(test, file))
        #expect(new.due == old.due + 5, "the row was written again meanwhile")
        try await test.site.postpone(new, by: .seconds(600))
        #expect(try await test.site.staleDetails(limit: 10).isEmpty, "not due yet")
        try await test.site.dropped(try #require(try await mark(test, file)))
        #expect(try await mark(test, file) == nil)
    }

    /// Between the two, whatever readers may put back is known to be looked at.
    @Test(arguments: TestSite.databases)
    func whatWasWrittenJustNowIsKnown(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        #expect(try await test.site.freshlyWritten(limit: 9).isEmpty, "it was not dropped yet")
        try await test.site.dropped(try #require(try await mark(test, file)))
        let fresh = try await test.site.freshlyWritten(limit: 9)
        #expect(fresh.map(\.file.fileID) == [file.id] && fresh.first?.file.fid == file.fid && (fresh.first?.age ?? -1) >= 0)
        let stale = try #require(try await mark(test, file))
        try await test.site.postpone(stale, by: .seconds(240))
        #expect(try await test.site.freshlyWritten(limit: 9).isEmpty, "one that could not be dropped waits for its time")
    }

    /// A reader who was on his way when the row was written may have put the old detail back.
    @Test func detailsAreDroppedOnceMore() async throws {
        let test = try await TestSite()
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        _ = try await test.site.succeed(claim, TestSite.result())
        let first = try #require(try await mark(test, file))
        try await test.site.dropped(first)
        let second = try #require(try await mark(test, file))
        #expect(second.due == first.due + 30_000)
        #expect(try await test.site.staleDetails(limit: 10).isEmpty, "half a minute later, and not before")
        try await test.run("UPDATE {transcoder_jobs} SET forget_cache = forget_cache - 30000, updated_at = updated_at - 30000")
        let due = try await test.site.staleDetails(limit: 10)
        #expect(due.count == 1)
        for stale in due { try await test.site.dropped(stale) }
        #expect(try await mark(test, file) == nil)
    }
}

@Suite struct CacheStoreTests {
    private func store(_ environment: String) throws -> CacheStore {
        CacheStore(try EnvironmentFile(environment), root: "/srv/site")
    }

    @Test func theStoreIsAsLaravelReadsIt() throws {
        #expect(try store("") == .files(folder: "/srv/site/storage/framework/cache/data"))
        #expect(try store("CACHE_STORE=array") == .none)
        #expect(try store("CACHE_STORE=memcached") == .foreign(setting: "CACHE_STORE=memcached"))
        #expect(try store("CACHE_DRIVER=dynamodb\nCACHE_STORE=") == .foreign(setting: "CACHE_DRIVER=dynamodb"))
        #expect(try store("CACHE_STORE=database\nCACHE_PREFIX=x_") == .table(name: "cache", prefixes: ["x_"]))
        #expect(try store("CACHE_STORE=database\nCACHE_PREFIX=\nDB_CACHE_TABLE=warm") == .table(name: "warm", prefixes: [""]))
        #expect(
            try store("CACHE_STORE=database\nAPP_NAME=\"Ärger & Co\"")
                == .table(name: "cache", prefixes: ["fresns_cache_", "arger_co_cache_", "arger-co-cache-"]))
        #expect(try store("CACHE_STORE=database\nDB_CACHE_CONNECTION=other") == .foreign(setting: "DB_CACHE_CONNECTION=other"))
    }

    @Test func redisIsAsLaravelReadsIt() throws {
        #expect(
            try store("CACHE_STORE=redis\nREDIS_PREFIX=r_\nCACHE_PREFIX=c_")
                == .redis(RedisServer(host: "127.0.0.1", database: 1), prefixes: ["r_c_"]))
        #expect(
            try store(
                """
                CACHE_DRIVER=redis
                REDIS_HOST=cache.example
                REDIS_PORT=6380
                REDIS_USERNAME=fresns
                REDIS_PASSWORD="s e"
                REDIS_DB=3
                REDIS_CACHE_DB=5
                REDIS_PREFIX=
                CACHE_PREFIX=
                """)
                == .redis(
                    RedisServer(host: "cache.example", port: 6380, username: "fresns", password: "s e", database: 5), prefixes: [""]))
        #expect(
            try store("CACHE_STORE=redis\nREDIS_URL=redis://u:p@h:7/9\nREDIS_PREFIX=\nCACHE_PREFIX=c_")
                == .redis(RedisServer(host: "h", port: 7, username: "u", password: "p", database: 9), prefixes: ["c_"]))
        #expect(try store("CACHE_STORE=redis\nREDIS_URL=rediss://u:secret@h") == .foreign(setting: "REDIS_URL"))
        #expect(try store("CACHE_STORE=redis\nREDIS_HOST=tls://h") == .foreign(setting: "REDIS_HOST=tls://h"))
    }

    @Test func aPasswordIsNotShown() {
        let server = RedisServer(host: "h", password: "secret", database: 1)
        for text in ["\(server)", String(reflecting: server), "\(CacheStore.redis(server, prefixes: []))"] {
            #expect(!text.contains("secret"), "\(text)")
        }
        var dumped = ""
        dump(SiteSettings(root: "/", database: .sqlite(path: ""), cache: .redis(server, prefixes: [])), to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}

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
