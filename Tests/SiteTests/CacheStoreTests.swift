import Foundation
import SiteFixture
import Testing

@testable import Site

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
