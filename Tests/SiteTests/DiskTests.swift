import Foundation
import Jobs
import SQL
import SiteFixture
import TestSupport
import Testing

import Verdicts
@testable import Site

/// Files on a disk that is not this host's are left alone, at every step, and told.
@Suite struct DiskTests {
    @Test(arguments: TestSite.kinds)
    func filesElsewhereAreLeftAlone(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let video = try await test.post()
        let sound = try await test.fixture.publish(nil, as: .comment, name: "voice.mp3").file
        #expect(try await test.site.elsewhere() == [])
        let v2 = kind.edition == .v2

        try await test.fixture.setDisk("remote")
        #expect(try await test.waiting() == [sound.id])
        #expect(try await test.site.backlog() == 1)
        #expect(try await test.site.counts().waiting == 1)
        #expect(try await test.site.unfinished() == 1)
        #expect(try await test.site.list(.waiting, limit: 9).map(\.fileID) == [sound.id])
        #expect(try await test.site.due(among: [video.id, sound.id]) == [sound.id])
        var scanner = QueueScanner()
        #expect(try await scanner.waiting(on: test.site, limit: 9, since: nil).map(\.file.id) == [sound.id])
        #expect(try await test.claim(video) == nil)
        #expect(try await test.claim(video, force: true) == nil)
        let setting = v2 ? "files.disk" : "video_filesystem_disk"
        #expect(
            try await test.site.elsewhere() == [FilesOnForeignDisks(type: .video, setting: setting, disk: "remote", waiting: 1)])
        let file = try #require(try await test.site.file(id: video.id))
        let sentence = "File \(video.id) is not on this host's disk (\(setting) is “remote”): it is skipped."
        #expect(try await test.site.refusal(of: file) == sentence)
        #expect(try await test.site.retry(video.id) == .refused(sentence))
        #expect(try await test.site.cancel(video.id) == .refused(sentence))
        #expect(try await test.fixture.file(video.id).state == 1)

        // The setting is looked at each time: a site moves back.
        try await test.fixture.setDisk("local")
        #expect(try await test.waiting() == [sound.id, video.id])
        #expect(try await test.claim(video) != nil)
        #expect(try await test.site.elsewhere() == [])
    }

    /// Other plugins keep their own names of regions in the settings that S3's uses.
    @Test(arguments: TestSite.databases)
    func aBucketNeedsAnEndpointOrARegionOfAmazons(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v3, database: database))
        let video = try await test.post()
        try await test.fixture.setDisk("remote")
        func set(_ key: String, _ value: String?) async throws {
            let name = "video_\(key)"
            try await test.run("UPDATE {configs} SET item_value = \(value) WHERE item_key = \(name)")
        }
        for (key, value) in [("secret_id", "id"), ("secret_key", "key"), ("bucket_name", "media")] { try await set(key, value) }
        for (region, endpoint, isBucket) in [
            (nil, nil, true), ("eu-central-1", nil, true), ("us-gov-west-1", nil, true), ("z0", nil, false), ("oss-cn-hangzhou", nil, false),
            ("ap-guangzhou", nil, false), ("z0", "https://s3.cn-east-1.qiniucs.com", true), ("", "", true),
        ] as [(String?, String?, Bool)] {
            try await set("bucket_region", region)
            try await set("bucket_endpoint", endpoint)
            #expect(try await test.waiting() == (isBucket ? [video.id] : []), "\(region ?? "none"), \(endpoint ?? "none")")
            #expect(try await test.site.store(of: .video) == (isBucket ? .videos : nil))
        }
    }

    /// On v2 a mixture is normal.
    @Test(arguments: TestSite.databases)
    func eachFileOfAnOlderSiteHasItsOwn(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        var files: [Upload] = []
        for disk in ["remote", "local", "s3", "remote"] {
            let file = try await test.post()
            try await test.fixture.setDisk(disk, file: file.id)
            files.append(file)
        }
        #expect(try await test.waiting() == [files[1].id])
        let elsewhere = try await test.site.elsewhere()
        #expect(
            elsewhere == [
                FilesOnForeignDisks(type: .video, setting: "files.disk", disk: "remote", waiting: 2),
                FilesOnForeignDisks(type: .video, setting: "files.disk", disk: "s3", waiting: 1),
            ])
        let sentence = "2 videos are not on this host's disk (files.disk is “remote”) and are skipped"
        #expect(elsewhere.first?.sentence == "\(sentence); the settings of their storage do not name a bucket, the key to it, and an S3 endpoint or a region of Amazon's.")
        #expect(elsewhere.last?.sentence.hasSuffix(" is skipped.") == true)
        // What a v3 would go by says nothing here.
        try await test.run("INSERT INTO {configs} (item_key, item_value, item_type) VALUES ('video_filesystem_disk', 'remote', 'string')")
        #expect(try await test.waiting() == [files[1].id])
    }

    /// Exactly `local` is local, as in Fresns, whatever a database takes for the same; all else is named.
    @Test(arguments: TestSite.kinds)
    func aStrangeValueIsNamedAndNotGuessed(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        _ = try await test.post()
        let values: [String?] = ["Local", "LOCAL", "local ", "locál", "s3", ""]
        for value in kind.edition == .v3 ? values + [nil] : values {
            try await test.fixture.setDisk(value)
            #expect(try await test.waiting() == [], "\(value ?? "NULL")")
            let files = try #require(try await test.site.elsewhere().first)
            #expect(files.waiting == 1 && !files.isKnown)
            let cause = files.cause
            #expect(cause.contains("neither “local” nor “remote”") || cause.hasSuffix("is not set"), "\(cause)")
            if let value, !value.isEmpty { #expect(cause.contains("“\(value)”")) }
        }
    }

    @Test(arguments: TestSite.databases) func aSettingThatIsMissingIsNotLocal(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        _ = try await test.post()
        try await test.run("DELETE FROM {configs} WHERE item_key = 'video_filesystem_disk'")
        #expect(try await test.waiting() == [])
        #expect(try await test.site.elsewhere().first?.cause == "video_filesystem_disk is not set")
    }

    /// A site moves while a file is worked on: its row must not name what only this host has.
    @Test(arguments: TestSite.kinds)
    func whatMovesAwayInMidJobIsNotWritten(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.doubtful(among: [claim]) == [])
        try await test.fixture.setDisk("remote")
        #expect(try await test.site.doubtful(among: [claim]) == [claim])
        let before = try await test.fixture.file(file.id)
        #expect(try await !test.site.willPublish(claim, output: "videos/new.mp4"))
        #expect(try await test.fixture.file(file.id).state == 1, "what was still ours is put back")

        try await test.fixture.setDisk("local")
        let second = try #require(try await test.claim(file))
        try await test.fixture.setDisk("remote")
        #expect(try await !test.site.succeed(second, TestSite.result()))
        try await test.fixture.setDisk("local")
        let third = try #require(try await test.claim(file))
        try await test.fixture.setDisk("remote")
        #expect(try await !test.site.fail(third, Verdict(.missing), retryAt: nil))
        let after = try await test.fixture.file(file.id)
        #expect(after.state == 1 && after.path == before.path && after.posterPath == nil && after.reason == nil)
    }

    /// What an older version took for missing has not failed.
    @Test(arguments: TestSite.kinds)
    func whatWasFailedAsMissingIsFoundAndOfferedToRetry(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        var files: [Upload] = []
        for code in [Verdict.Code.sourceMissing, .sourceMissing, .damaged] {
            let file = try await test.post()
            let claim = try #require(try await test.claim(file))
            #expect(try await test.site.fail(claim, Verdict(.example(code)), retryAt: nil))
            files.append(file)
        }
        #expect(try await test.site.elsewhere() == [])
        try await test.fixture.setDisk("remote")
        #expect(try await test.site.elsewhere().map(\.missed) == [2])
        guard case .obeyed(let sentence) = try await test.site.retry(files[0].id) else { throw NotObeyed() }
        #expect(sentence.contains("not on this host's disk") && sentence.contains("It was reset to waiting"), "\(sentence)")
        let row = try await test.fixture.file(files[0].id)
        #expect(row.state == 1 && row.reason == nil)
        guard case .refused = try await test.site.retry(files[2].id) else { throw NotObeyed() }
        #expect(try await test.site.retryFailed() == [files[1].id])
        #expect(try await test.waiting() == [])
        let elsewhere = try await test.site.elsewhere()
        #expect(elsewhere.map(\.missed) == [0] && elsewhere.map(\.waiting) == [2])
    }

    private struct NotObeyed: Error {}

    @Test(arguments: TestSite.kinds)
    func resultsThatAnotherDiskMayLackAreCounted(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let file = try await test.post()
        let claim = try #require(try await test.claim(file))
        #expect(try await test.site.succeed(claim, TestSite.result()))
        #expect(try await test.site.finishedElsewhere() == 0)
        try await test.fixture.setDisk("remote")
        #expect(try await test.site.finishedElsewhere() == 1)
    }
}

/// Fresns deletes a post and leaves its usages.
@Suite struct DeletedPostTests {
    @Test(arguments: TestSite.kinds, [Place.post, .comment])
    func filesOfDeletedPostsAreLeftAlone(kind: FixtureSite.Settings, place: Place) async throws {
        let test = try await TestSite(kind)
        let (file, id) = try await test.fixture.publish(nil, as: place)
        #expect(try await test.waiting() == [file.id])
        try await test.fixture.delete(place, id)
        #expect(try await test.waiting() == [])
        #expect(try await test.claim(file) == nil)
        #expect(try await test.site.backlog() == 0)
        let row = try #require(try await test.site.file(id: file.id))
        #expect(try await test.site.refusal(of: row) == "File \(file.id) is attached only to deleted content.")
        // One that another post uses too is done.
        try await test.fixture.attach(file, to: .post, try await test.fixture.write(.post))
        #expect(try await test.waiting() == [file.id])
        #expect(try await test.claim(file) != nil)
    }

    @Test(arguments: TestSite.databases)
    func aDeletedMessageOfAnOlderSite(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        let (file, message) = try await test.fixture.publish(nil, as: .message, name: "voice.m4a")
        #expect(try await test.waiting() == [file.id])
        try await test.run("UPDATE {conversation_messages} SET deleted_at = '2026-01-01 00:00:00' WHERE id = \(message)")
        #expect(try await test.waiting() == [])
    }
}
