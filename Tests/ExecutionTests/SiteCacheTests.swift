import Foundation
import Logging
import Site
import SiteFixture
import SQL
import Synchronization
import Testing
import TestSupport
@testable import Diagnostics
@testable import Execution
@testable import Platform
@testable import WorkerConfiguration

/// What is told in the log.
final class Notes: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    var log: Logger {
        var log = Logger(label: "test") { _ in Handler(notes: self) }
        log.logLevel = .notice
        return log
    }

    private struct Handler: LogHandler {
        let notes: Notes
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { notes.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}

@Suite struct SiteCacheTests {
    /// A site, and a file of it that was cancelled just now.
    private func cancelled(_ place: JobSite) async throws -> (site: Site, file: Upload, post: Int64) {
        let (file, post) = try await place.fixture.publish(nil, as: .post)
        let site = try await Site.open(SiteSettings.read(siteFolder: place.fixture.root))
        _ = try await site.prepare()
        _ = try await site.cancel(file.id)
        return (site, file, post)
    }

    /// As if the rows had been written long ago.
    private func makeDue(_ place: JobSite) async throws {
        try await place.fixture.database.write { session in
            try session.execute("update fs_transcoder_jobs set forget_cache = 1, updated_at = 1 where forget_cache is not null")
        }
    }

    /// What cannot be dropped is told once, does no harm, and is dropped once it can be: by whichever process.
    @Test func whatFailsIsTriedAgain() async throws {
        let place = try await JobSite()
        let (site, file, post) = try await cancelled(place)
        let keys = FixtureSite.detailKeys("post", post)
        try await place.fixture.fillFileCache(keys)
        let hidden = place.fixture.root + "/hidden"
        let folder = place.fixture.cachePath
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.createDirectory(atPath: hidden, withIntermediateDirectories: true)
            try FileManager.default.moveItem(atPath: "\(folder)/\(name)", toPath: "\(hidden)/\(name)")
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: "\(hidden)/\(name)")
        }
        let notes = Notes()
        let cache = SiteCache(site: site, log: notes.log)
        await cache.invalidate(file.id, command: nil)
        await cache.sweep(command: nil)
        #expect(try await site.staleDetails(limit: 10).isEmpty, "it is not tried at every look")
        try await makeDue(place)
        await cache.sweep(command: nil)
        #expect(notes.all.count == 1 && notes.all[0].contains("symbolic link"), "\(notes.all)")
        #expect(try await site.staleDetails(of: file.id) != nil)
        #expect(try await place.fixture.file(file.id).state == 4)

        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            try FileManager.default.moveItem(atPath: "\(hidden)/\(name)", toPath: "\(folder)/\(name)")
        }
        try await makeDue(place)
        await cache.sweep(command: nil)
        #expect(try await site.staleDetails(of: file.id) == nil)
        #expect(try await place.fixture.fileCache(keys).isEmpty)
        #expect(notes.all.count == 2 && notes.all[1].contains("again"), "\(notes.all)")
        await site.close()
    }

    /// What a reader on his way puts back goes at the next look, long before the last one.
    @Test func whatIsPutBackIsDroppedAgain() async throws {
        let place = try await JobSite()
        let (site, file, post) = try await cancelled(place)
        let keys = FixtureSite.detailKeys("post", post)
        let notes = Notes()
        let cache = SiteCache(site: site, log: notes.log)
        #expect(try await !cache.isToFollowUp)
        await cache.invalidate(file.id, command: nil)
        let mark = try #require(try await site.staleDetails(of: file.id))
        for _ in 1...3 {
            try await place.fixture.fillFileCache(keys)
            #expect(try await cache.isToFollowUp)
            await cache.followUp(command: nil)
            #expect(try await place.fixture.fileCache(keys).isEmpty)
        }
        #expect(try await site.staleDetails(of: file.id) == mark, "the last look is still to come")

        // A command costs more: in the first seconds only.
        let out = place.folder + "/said"
        let command = [try place.program("echo x >> '\(out)'")]
        await cache.followUp(command: command)
        let said = (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
        try await place.fixture.database.write { session in
            try session.execute("update fs_transcoder_jobs set forget_cache = forget_cache - 10000, updated_at = updated_at - 10000")
        }
        await cache.followUp(command: command)
        #expect(((try? String(contentsOfFile: out, encoding: .utf8)) ?? "") == said)
        try await makeDue(place)
        await cache.sweep(command: nil)
        #expect(try await !cache.isToFollowUp)
        #expect(notes.all.isEmpty, "\(notes.all)")
        await site.close()
    }

    @Test func theTableIsSweptToo() async throws {
        let place = try await JobSite()
        try place.fixture.setEnvironment("CACHE_STORE=database\nCACHE_PREFIX=demo_")
        let (site, _, post) = try await cancelled(place)
        let kept = FixtureSite.otherKeys(post).map { "demo_" + $0 }
        try await place.fixture.fillTableCache(FixtureSite.detailKeys("post", post).map { "demo_" + $0 } + kept)
        await SiteCache(site: site, log: Notes().log).sweep(command: nil)
        #expect(try await place.fixture.tableCache() == Set(kept))
        await site.close()
    }

    /// No server, and no job fails by it.
    @Test func aServerThatIsNotThere() async throws {
        let place = try await JobSite()
        try place.fixture.setEnvironment("CACHE_STORE=redis\nREDIS_HOST=/nowhere/redis.sock\nREDIS_PASSWORD=secret")
        let (site, file, _) = try await cancelled(place)
        let notes = Notes()
        await SiteCache(site: site, log: notes.log).invalidate(file.id, command: nil)
        #expect(notes.all.count == 1 && notes.all[0].hasPrefix("warning") && notes.all[0].contains("/nowhere/redis.sock"))
        #expect(!notes.all[0].contains("secret"))
        #expect(try await site.staleDetails(of: file.id) != nil)
        await site.close()
    }

    @Test func aForeignStoreIsToldOnceAndLeftAlone() async throws {
        let place = try await JobSite()
        try place.fixture.setEnvironment("CACHE_STORE=memcached")
        let (site, file, _) = try await cancelled(place)
        let notes = Notes()
        try await makeDue(place)
        await SiteCache(site: site, log: notes.log).invalidate(file.id, command: nil)
        #expect(notes.all.isEmpty, "\(notes.all)")
        #expect(try await site.staleDetails(of: file.id) == nil)
        let finding = try await SiteChecks.cache(site, Configuration())
        #expect(finding.grade == .odd && finding.text.contains("CACHE_STORE=memcached"))
        #expect(finding.remedy?.contains("cache_command") == true)
        await site.close()
    }

    // MARK: a command

    /// Words as they are given, nothing of our environment, and no shell.
    @Test func aCommandGetsTheFilesNames() async throws {
        let place = try await JobSite()
        let (site, file, _) = try await cancelled(place)
        let out = place.folder + "/said"
        let program = try place.program("{ for word in \"$@\"; do echo \"<$word>\"; done; /usr/bin/env; } > '\(out)'")
        let notes = Notes()
        let command = [program, "{fid}", "a {id} b", "{site}/artisan", "$(id)"]
        try await makeDue(place)
        await SiteCache(site: site, log: notes.log).invalidate(file.id, command: command)
        #expect(notes.all.isEmpty, "\(notes.all)")
        let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["<\(file.fid)>", "<a \(file.id) b>", "<\(place.fixture.root)/artisan>", "<$(id)>"])
        // PWD and the like are the shell's own.
        let variables = Set(lines.dropFirst(4).compactMap { $0.split(separator: "=").first.map(String.init) })
        #expect(variables.contains("PATH") && variables.isSubset(of: ["PATH", "PWD", "_", "SHLVL", "OLDPWD"]), "\(variables)")
        #expect(try await site.staleDetails(of: file.id) == nil)
        await site.close()
    }

    @Test func aCommandThatFailsIsToldAndTriedAgain() async throws {
        let place = try await JobSite()
        let (site, file, _) = try await cancelled(place)
        let notes = Notes()
        let cache = SiteCache(site: site, log: notes.log)
        await cache.invalidate(file.id, command: [try place.program("echo 'no such class' >&2; exit 7")])
        #expect(notes.all.count == 1 && notes.all[0].contains("exited with 7") && notes.all[0].contains("no such class"), "\(notes.all)")
        #expect(try await site.staleDetails(of: file.id) != nil)
        try await makeDue(place)
        await cache.sweep(command: [try place.program("exit 0")])
        #expect(try await site.staleDetails(of: file.id) == nil)
        await site.close()
    }

    @Test func aCommandIsHeldToItsTime() async throws {
        let place = try await JobSite()
        let gate = place.folder + "/gate"
        mkfifo(gate, 0o600)
        // It never ends by itself, and has a child that does not either.
        let program = try place.program("cat '\(gate)' & echo $! > '\(place.folder)/child'; cat '\(gate)'")
        let command = CacheCommand(words: [program], limit: .milliseconds(1500))
        let thread = try BlockingThread()
        await #expect {
            try await thread.run { try command.run(fileID: 1, fid: "a", site: "/") }
        } throws: { "\($0)".contains("took longer than") }
        let child = Int32(try String(contentsOfFile: place.folder + "/child", encoding: .utf8).dropLast()) ?? 0
        try await until("its child is gone, too") { kill(child, 0) != 0 }
    }

    @Test(arguments: ["/nowhere/program", "no-such-program-at-all"]) func aCommandThatIsNotThereIsNamed(name: String) async throws {
        let thread = try BlockingThread()
        await #expect {
            try await thread.run { try CacheCommand(words: [name]).run(fileID: 1, fid: "a", site: "/") }
        } throws: { "\($0)".contains(name) && "\($0)".hasPrefix("cache_command") }
    }

    /// A word may be a program's text.
    @Test(arguments: ["a\"); evil(\"", "a b", "", "界"]) func aStrangeFidIsNotHandedOn(fid: String) async throws {
        let thread = try BlockingThread()
        await #expect {
            try await thread.run { try CacheCommand(words: ["/bin/true", "{fid}"]).run(fileID: 1, fid: fid, site: "/") }
        } throws: { "\($0)".contains("not run") }
    }

    @Test(arguments: [
        (#"cache_command: [php, -r, "a b {fid}"]"#, ["php", "-r", "a b {fid}"]), ("cache_command: php x  {id}", ["php", "x", "{id}"]),
        (#"cache_command: '["/bin/a b", ""]'"#, ["/bin/a b", ""]), ("cache_command: none", nil),
    ])
    func aCommandIsAListOrWords(yaml: String, words: [String]?) throws {
        #expect(try Configuration.parse(yaml).cacheCommand == words)
    }

    @Test(arguments: ["cache_command: []", "cache_command: [[a]]", "cache_command: [{a: b}]", "cache_command: '[a'", "cache_command: ['']"])
    func whatIsNoCommandIsRefused(yaml: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration.parse(yaml) }
        #expect(error?.description.contains("cache_command") == true)
    }
}
