import Foundation
import Jobs
import ProgramFixture
import SQL
import SiteFixture
import Testing

/// What scripts/object-stores.sh started.
enum TestStore {
    static let address = ProcessInfo.processInfo.environment["STORES_SEAWEED"]
    static let python = ProcessInfo.processInfo.environment["STORES_PYTHON"] ?? "python3"
}

/// A site that keeps its videos, or all its media, in a bucket.
@Suite(.serialized, .enabled(if: TestStore.address != nil))
struct BucketTests {
    static func use(
        _ database: SQLDialect = .sqlite, _ edition: Edition = .v3, remote: Set<FileKind> = [.video, .audio], through address: String? = nil,
        configuration: String = "", _ body: @Sendable (Workplace, FixtureBucket) async throws -> Void
    ) async throws {
        let bucket = FixtureBucket(endpoint: try #require(TestStore.address), name: "site-\(UUID().uuidString.lowercased())")
        try await Workplace.use(.init(edition: edition, database: database, bucket: bucket, remote: remote)) { place in
            let endpoint = address.map { "\n  endpoint: \($0)" } ?? ""
            try place.configure("\(configuration)\nstorage:\n  cache: \(place.folder)/cache\(endpoint)")
            try await body(place, bucket)
            #expect(try bucket.uploads() == [], "unfinished uploads are left")
        }
    }

    /// Videos in the bucket and recordings on the disk.
    @Test(arguments: Workplace.databases, Edition.allCases)
    func eachKindIsDoneWhereItIs(database: SQLDialect, edition: Edition) async throws {
        try await Self.use(database, edition, remote: [.video]) { place, bucket in
            let film = try await place.publish("clip.wmv").file
            let voice = try await place.publish("voice.amr", as: .message).file
            let bad = try await place.publish("bad/text.mp4", expect: .failed, codes: ["not-media"]).file
            try await place.untilIdle()
            try await place.expectAllInOrder()
            let row = try await place.site.file(film.id)
            let keys = try bucket.keys()
            #expect(Set(keys) == Set([film.path, row.path, row.posterPath ?? "", bad.path]))
            let voices = [voice.path, try await place.site.file(voice.id).path]
            #expect(!keys.contains(where: voices.contains))
            try await place.expectNothingUnreferenced()
        }
    }

    @Test(arguments: CrashTests.steps) func deathAtAStepLosesNothing(step: Failpoint) async throws {
        try await Self.use { place, _ in
            let fails = CrashTests.ofFailure.contains(step)
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish(
                    try place.distinct(fails ? "bad/text.mp4" : "old-phone.3gp", step.rawValue), expect: fails ? .failed : .done).file
                try await watch.add(file)
                if CrashTests.ofRecovery.contains(step) { try await place.die(at: .posterNamed) }
                try await place.die(at: step)
                try await place.untilIdle()
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    private static func through(
        _ fault: String, _ which: String, _ body: @Sendable (Workplace) async throws -> Void
    ) async throws -> [String] {
        let proxy = try Program(TestStore.python, [Built.packageRoot + "/scripts/faulty-store.py", try #require(TestStore.address), fault, which])
        try await until("the proxy's address") { proxy.outputSoFar.contains("\n") }
        let address = String(proxy.outputSoFar.prefix { $0 != "\n" })
        try await Self.use(through: address, configuration: "retry:\n  first_wait: 100ms") { place, _ in
            try await SiteWatch.over(place.site) { watch in
                try await watch.add(try await place.publish(try place.distinct("old-phone.3gp", "\(fault)-\(which)")).file)
                try await body(place)
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
        proxy.signal(SIGTERM)
        return await proxy.result().output.split(separator: "\n").dropFirst().map(String.init)
    }

    /// Each request of a job meets each fault once: no job is lost, done twice or half published.
    @Test(arguments: [
        "cut-before", "cut-after", "cut-within", "delay", "500-before", "500-after", "503-before", "200-error-before", "200-error-after", "skew",
    ])
    func eachRequestMayFail(_ fault: String) async throws {
        let requests = try await Self.through(fault, "each") { place in try await place.untilIdle() }
        #expect(requests.count { $0.hasSuffix(fault) } >= 6, "\(requests)")
    }

    /// An outage that no repetition outlasts, wherever in a job it begins.
    @Test(arguments: 1...6) func anOutageEnds(_ first: Int) async throws {
        let requests = try await Self.through("503-before", "\(first)+6") { place in try await place.untilIdle() }
        #expect(requests.count { $0.hasSuffix("503-before") } == 6, "\(requests)")
    }

    /// Twice the same film: the second is a copy that the bucket makes by itself.
    @Test func aTwinIsCopiedWithinTheBucket() async throws {
        try await Self.use { place, bucket in
            for _ in 0..<2 {
                _ = try await place.publish("old-phone.3gp")
                try await place.untilIdle()
            }
            try await place.expectAllInOrder()
            #expect(try bucket.keys().count == 6)
        }
    }

    /// Fresns' S3 plugin lets the browser send a form to an address that takes the bytes alone: the store has the form, with the film in it.
    @Test(arguments: [false, true]) func aFilmInAFormIsDone(staysAsItIs: Bool) async throws {
        try await Self.use { place, bucket in
            var media = Built.media + "/old-phone.3gp"
            if staysAsItIs {
                let finished = place.folder + "/finished.mp4"
                #expect(try await Program.run(Built.transcoder, ["convert", media, "-o", finished]).status == 0)
                media = finished
            }
            let file = try await place.publish(media).file
            let film = try #require(try bucket.content(file.path))
            let form = place.folder + "/form"
            let boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
            let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n"
            try (Data(head.utf8) + film + Data("\r\n--\(boundary)--\r\n".utf8)).write(to: URL(filePath: form))
            try bucket.put(form, as: file.path, mime: "multipart/form-data")
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            #expect(row.state == 3 && row.path != file.path && row.originalPath == file.path)
            if staysAsItIs { #expect(try bucket.content(row.path) == film) }
        }
    }

    /// The copy in the cache was to be good for a year; then somebody put another film under the same key.
    @Test func aCopyOfWhatWasReplacedIsNotUsed() async throws {
        try await Self.use(configuration: "retry:\n  first_wait: 100ms") { place, bucket in
            let file = try await place.publish("old-phone.3gp").file
            #expect(try await place.run("fetch", "\(file.id)").status == 0)
            try bucket.put(Built.media + "/clip.wmv", as: file.path, mime: "video/mp4")
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).state == 3)
            // The first attempt found that it had read another file.
            #expect(try await place.job(file.id)?.int("attempts") == 2)
        }
    }

    @Test func physicalDeletionLeavesNothing() async throws {
        try await Self.use { place, bucket in
            let file = try await place.publish("old-phone.3gp").file
            try await place.untilIdle()
            try await place.site.set("physical_deletion", "1", file: file.id)
            try await place.untilIdle()
            #expect(try bucket.keys() == [])
        }
    }

    @Test func originalsAreRewrittenThereToo() async throws {
        try await Self.use(configuration: "originals: scrub") { place, bucket in
            let file = try await place.publish("iphone-hdr.mov").file
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            #expect(row.state == 3 && row.originalPath != nil && row.originalPath != file.path)
            #expect(Set(try bucket.keys()) == Set([row.path, row.originalPath ?? "", row.posterPath ?? ""]))
        }
    }

    /// A bucket that does not let us in is never the file's fault; when it does, the file is done without anybody's help.
    @Test func aWrongSecretIsNotTheFilesFault() async throws {
        try await Self.use(configuration: "retry:\n  first_wait: 100ms") { place, _ in
            let file = try await place.publish("old-phone.3gp").file
            @Sendable func set(secret: String) async throws {
                let table = place.site.table("configs")
                try await place.site.database.write { session in
                    try session.execute("update \(table) set item_value = \(secret) where item_key = 'video_secret_key'")
                }
            }
            try await set(secret: "not-the-secret")
            try await place.daemon { daemon in
                try await until("it says why") { daemon.errorsSoFar.contains("The secret of the access key is wrong") }
                #expect(try await place.site.file(file.id).state != 4)
                try await set(secret: "testing-secret")
                try await until("it is done") { try await place.site.file(file.id).state == 3 }
                #expect(!daemon.errorsSoFar.contains("not-the-secret") && !daemon.errorsSoFar.contains("testing-secret"))
                daemon.signal(SIGTERM)
                _ = await daemon.result()
            }
            try await place.expectAllInOrder()
        }
    }
}
