import Foundation
import SQL
import SiteFixture
import Testing

/// Readers are shown the result at once: after a job, exactly its posts' and comments' cached details are gone.
@Suite(.serialized)
struct CacheTests {
    private func keys(_ uses: [(String, Int64)]) -> [String] { uses.flatMap { FixtureSite.detailKeys($0.0, $0.1) } }

    /// One file in two posts and a comment, one that fails, and one that is left alone.
    private func posts(_ place: Workplace) async throws -> (right: [String], others: [String]) {
        let (film, first) = try await place.publish("old-phone.3gp")
        let second = try await place.site.write(.post)
        try await place.site.attach(film, to: .post, second)
        _ = try await place.site.write(.comment)
        let comment = try await place.site.write(.comment)
        try await place.site.attach(film, to: .comment, comment)
        let (_, bad) = try await place.publish("bad/text.mp4", as: .comment, expect: .failed, codes: ["not-media"])
        let decoy = try await place.site.place(.draft, media: Built.media + "/old-phone.3gp")
        let untouched = try await place.site.write(.post)
        try #require(decoy.id > 0 && Set([first, second, untouched]).count == 3)
        return (
            keys([("post", first), ("post", second), ("comment", comment), ("comment", bad)]),
            FixtureSite.otherKeys(first) + keys([("post", untouched)])
        )
    }

    @Test func theFileStore() async throws {
        try await Workplace.use { place in
            let (right, others) = try await posts(place)
            try await place.site.fillFileCache(right + others)
            try await place.untilIdle()
            try await place.expectAllInOrder()
            #expect(try await place.site.fileCache(right + others) == Set(others))
        }
    }

    @Test(arguments: [FixtureSite.Settings(), .init(edition: .v2, prefix: "")])
    func theTable(_ settings: FixtureSite.Settings) async throws {
        try await Workplace.use(settings) { place in
            try place.site.setEnvironment("CACHE_STORE=database\nAPP_NAME=\"A demo site\"")
            let (right, others) = try await posts(place)
            // Where CACHE_PREFIX is not set, Fresns' versions take it from the name, each in its way.
            let kept = others.map { "a_demo_site_cache_" + $0 } + right
            try await place.site.fillTableCache(
                right.map { "a_demo_site_cache_" + $0 } + right.map { "a-demo-site-cache-" + $0 } + right.map { "fresns_cache_" + $0 } + kept)
            try await place.untilIdle()
            try await place.expectAllInOrder()
            #expect(try await place.site.tableCache() == Set(kept))
        }
    }

    /// By Fresns' own names, of both versions.
    @Test(arguments: Edition.allCases) func everyEntryThatShowsAFile(edition: Edition) async throws {
        try await Workplace.use(.init(edition: edition)) { place in
            let (film, post) = try await place.publish("old-phone.3gp")
            let posts = place.site.table("posts")
            let pid = try await place.site.database.read { session in
                try session.query("select pid from \(posts) where id = \(post)").first?.text("pid") ?? ""
            }
            var keys = FixtureSite.detailKeys("post", post)
            keys += ["\(film.id)", film.fid].flatMap { ["fresns_file_info_\($0)", "fresns_model_file_\($0)"] }
            if edition == .v2 { keys += ["en", "zh-Hans", "list_content", "detail_content"].map { "fresns_api_post_\(pid)_\($0)" } }
            let others = FixtureSite.otherKeys(post) + ["fresns_api_post_\(pid)x_en", "fresns_api_post_\(pid)_preview_like_users_en"]
            try await place.site.fillFileCache(keys + others)
            try await place.untilIdle()
            #expect(try await place.site.fileCache(keys + others) == Set(others))
        }
    }

    /// A reader on his way puts the old detail back, again and again: each time it is gone soon, and not only by the last look.
    @Test func whatIsPutBackGoesSoon() async throws {
        try await Workplace.use { place in
            let (file, post) = try await place.publish("old-phone.3gp")
            let keys = FixtureSite.detailKeys("post", post)
            let jobs = place.site.table("transcoder_jobs")
            try await place.daemon { daemon in
                try await until("it is done and shown") { try await place.site.staleAgain(file.id) }
                // The last look is put off by an hour: it cannot be what drops them.
                try await place.site.database.write { session in
                    _ = try session.execute("update \(jobs) set forget_cache = forget_cache + 3600000, updated_at = updated_at + 3600000")
                }
                for _ in 1...2 {
                    try await place.site.fillFileCache(keys)
                    try await until("they are gone again") { try await place.site.fileCache(keys).isEmpty }
                }
                daemon.signal(SIGTERM)
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
            }
        }
    }

    @Test func cancelAndRetryAreShownToo() async throws {
        try await Workplace.use { place in
            let (file, post) = try await place.publish("old-phone.3gp")
            let keys = FixtureSite.detailKeys("post", post)
            for command in ["cancel", "retry"] {
                try await place.site.fillFileCache(keys)
                let result = try await place.run(command, "--id", "\(file.id)")
                #expect(result.status == 0 && result.errors == "", "\(result.errors)")
                #expect(try await place.site.fileCache(keys).isEmpty, "\(command)")
            }
        }
    }

    /// A cache that is out of reach is a warning; the mark outlives the process.
    @Test func aCacheOutOfReachFailsNoJob() async throws {
        try await Workplace.use(configuration: "cache_command: [/bin/sh, -c, 'echo out of order >&2; exit 3']") { place in
            let (file, post) = try await place.publish("old-phone.3gp")
            let keys = FixtureSite.detailKeys("post", post)
            try await place.site.fillFileCache(keys)
            let first = try await place.run("daemon", "--until-idle")
            #expect(first.status == 0 && first.errors.contains("warning") && first.errors.contains("out of order"), "\(first.errors)")
            #expect(try await place.site.file(file.id).state == 3)
            #expect(try await place.site.fileCache(keys) == Set(keys))

            // As if it had been long ago.
            let jobs = place.site.table("transcoder_jobs")
            let marked = try await place.site.database.write { session in
                try session.execute("update \(jobs) set forget_cache = 1, updated_at = 1 where forget_cache is not null")
            }
            #expect(marked == 1)
            try place.configure()
            try await place.untilIdle()
            #expect(try await place.site.fileCache(keys).isEmpty)
            #expect(try await place.job(file.id)?["forget_cache"] == .null)
        }
    }

    @Test func aCacheThatWeDoNotReachIntoIsToldOnce() async throws {
        try await Workplace.use { place in
            try place.site.setEnvironment("CACHE_STORE=memcached")
            for _ in 1...3 { _ = try await place.publish("tune.mp3") }
            let result = try await place.run("daemon", "--until-idle")
            #expect(result.status == 0)
            #expect(result.errors.split(separator: "\n").count { $0.contains("CACHE_STORE=memcached") } == 1, "\(result.errors)")
            #expect(result.errors.contains("cache_command"))
            let doctor = try await place.run("doctor")
            #expect(doctor.status == 0 && doctor.output.contains("! cache") && doctor.output.contains("memcached"), "\(doctor.output)")
        }
    }
}

extension FixtureSite {
    /// Whether a file is done, and its details were dropped once: they are to be dropped again.
    fileprivate func staleAgain(_ file: Int64) async throws -> Bool {
        let jobs = table("transcoder_jobs")
        do {
            return try await database.read { session in
                try !session.query(
                    "select 1 from \(jobs) where file_id = \(file) and state = 'done' and forget_cache = updated_at + 30000"
                ).isEmpty
            }
        } catch let error as SQLError where error.code == .noTable {
            return false
        }
    }
}
