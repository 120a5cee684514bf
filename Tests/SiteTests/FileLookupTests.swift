import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

@testable import Site

@Suite struct FileLookupTests {
    @Test(arguments: TestSite.kinds)
    func aFileIsFoundByItsNames(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let upload = try await test.post(name: "Ferien 界.mov")
        let file = try #require(try await test.site.file(id: upload.id))
        #expect(try await test.site.file(fid: upload.fid) == file)
        #expect(file.type == .video && file.name == "Ferien 界.mov" && file.path == upload.path && file.mime == "video/quicktime")
        #expect(file.state == .waiting && file.isEnabled && !file.isDeleted && !file.isPhysicallyDeleted && file.isUploaded)
        #expect(file.width == nil && file.duration == nil && file.originalPath == nil && file.posterPath == nil)
        #expect(try await test.site.file(id: 999) == nil)
        #expect(try await test.site.file(fid: "nobody") == nil)
    }

    @Test(arguments: TestSite.kinds)
    func theFilesOfAPostAreItsMedia(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let (first, post) = try await test.fixture.publish(nil, as: .post)
        let second = try await test.fixture.upload(nil, name: "voice.mp3")
        let picture = try await test.fixture.upload(nil, name: "picture.jpg")
        for file in [second, picture] { try await test.fixture.attach(file, to: .post, post) }
        _ = try await test.post()
        #expect(try await test.site.files(attachedTo: "posts", primaryID: post).map(\.id) == [first.id, second.id])
        #expect(try await test.site.files(attachedTo: "comments", primaryID: post).isEmpty)
        try await test.fixture.edit(post: post, files: [second])
        #expect(try await test.site.files(attachedTo: "posts", primaryID: post).map(\.id) == [second.id])
    }

    @Test(arguments: TestSite.kinds, [true, false])
    func theFileOfAMessageIsFoundEitherWay(kind: FixtureSite.Settings, usage: Bool) async throws {
        let test = try await TestSite(kind)
        let file = try await test.fixture.upload(nil, for: .message, name: "voice.m4a")
        let message = try await test.fixture.send(file, usage: usage)
        let conversation = try #require(try await test.run("SELECT conversation_id FROM {conversation_messages}").first?.int("conversation_id"))
        #expect(try await test.site.files(attachedTo: "conversation_messages", primaryID: message).map(\.id) == [file.id])
        #expect(try await test.site.files(attachedTo: "conversations", primaryID: conversation).map(\.id) == [file.id])
    }

    @Test(arguments: ["users", "fs_posts", "post_logs", "posts; DROP TABLE files"])
    func otherTablesAreRefused(table: String) async throws {
        let test = try await TestSite()
        await #expect(throws: SiteError.unknownTable(table)) { try await test.site.files(attachedTo: table, primaryID: 1) }
    }

    // MARK: refusal

    @Test(arguments: TestSite.kinds)
    func refusalsSayWhy(kind: FixtureSite.Settings) async throws {
        let test = try await TestSite(kind)
        let words: [Decoy: String] = [
            .draft: "draft", .image: "image", .document: "document", .unused: "attached to a draft only", .deleted: "deleted",
            .disabled: "disabled", .notUploaded: "not uploaded",
        ]
        for (decoy, word) in words where Decoy.all(kind.edition).contains(decoy) {
            let id = try await test.fixture.place(decoy, media: #filePath).id
            let file = try #require(try await test.site.file(id: id))
            let sentence = try #require(try await test.site.refusal(of: file))
            #expect(sentence.contains(word) && sentence.contains("File \(id)") && sentence.hasSuffix("."), "\(decoy)")
        }
        let upload = try await test.post()
        var file = try #require(try await test.site.file(id: upload.id))
        #expect(try await test.site.refusal(of: file) == nil)
        try await test.run("DELETE FROM {file_usages}")
        #expect(try await test.site.refusal(of: file)?.contains("not attached to a post") == true)
        file.isPhysicallyDeleted = true
        #expect(try await test.site.refusal(of: file)?.contains("physical deletion") == true)
    }

    @Test(arguments: TestSite.databases)
    func aFinishedFileIsStillOursToDo(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let upload = try await test.post()
        try await test.run("UPDATE {files} SET transcoding_state = 3")
        let file = try #require(try await test.site.file(id: upload.id))
        #expect(file.state == .done)
        #expect(try await test.site.refusal(of: file) == nil)
    }

    @Test(arguments: TestSite.databases)
    func configurationIsReadWhereItIs(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        #expect(try await test.site.configuration("video_filesystem_disk") == "local")
        #expect(try await test.site.configuration("video_service") == nil)
        #expect(try await test.site.configuration("no_such_key") == nil)
        try await test.run("DROP TABLE {configs}")
        let site = try await test.another()
        #expect(try await site.configuration("video_filesystem_disk") == nil)
        await site.close()
    }
}

@Suite struct FileInformationTests {
    private func done(_ test: TestSite) async throws -> MediaFile {
        let upload = try await test.post(name: "clip.mov")
        let claim = try #require(try await test.claim(upload))
        #expect(try await test.site.succeed(claim, TestSite.result(path: "videos/a.mp4", poster: "videos/a.jpg")))
        return try #require(try await test.site.file(id: upload.id))
    }

    @Test(arguments: TestSite.databases)
    func aVideosInformationHasFresnsShape(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        let file = try await done(test)
        let information = try await test.site.information(of: file)
        #expect(
            Set(information.values.keys) == [
                "fid", "type", "status", "substitutionImageUrl", "warning", "name", "mime", "extension", "size", "width", "height",
                "duration", "sha", "shaType", "videoPosterUrl", "videoUrl", "transcodingState",
            ])
        #expect(information["fid"] == .text(file.fid) && information["type"] == .number(2) && information["status"] == .boolean(true))
        #expect(information["size"] == .text("120.56 KB") && information["warning"] == .text("none"))
        #expect(information["width"] == .number(1280) && information["duration"] == .number(12))
        #expect(information["videoUrl"] == .text("https://demo.example/storage/videos/a.mp4"))
        #expect(information["videoPosterUrl"] == .text("https://demo.example/storage/videos/a.jpg"))
        #expect(information["transcodingState"] == .number(3) && information["substitutionImageUrl"] == .null)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(information), as: UTF8.self)
        #expect(json.hasPrefix(#"{"duration":12,"extension":"mp4","fid":""#) && json.contains(#""substitutionImageUrl":null"#))
    }

    @Test(arguments: TestSite.databases)
    func anOlderSitesInformationHasTheOlderShape(database: SQLDialect) async throws {
        let test = try await TestSite(.init(edition: .v2, database: database))
        let upload = try await test.fixture.publish(nil, as: .message, name: "voice.mp3").file
        try await test.run("UPDATE {files} SET audio_time = 7, more_json = \(#"{"a":[1,true,null,0.5]}"# as String), md5 = 'ff'")
        let file = try #require(try await test.site.file(id: upload.id))
        let information = try await test.site.information(of: file, v2: true)
        #expect(information["audioTime"] == .number(7) && information["md5"] == .text("ff") && information["videoUrl"] == nil)
        #expect(information["moreJson"] == .object(["a": .list([.number(1), .boolean(true), .null, .real(0.5)])]))
        #expect(information["audioUrl"] == .text("https://demo.example/storage/" + file.path))
        #expect(information["sensitive"] == .boolean(false))
    }

    @Test(arguments: [
        (Edition.v3, "https://cdn.example/"), (.v3, "https://cdn.example"), (.v2, "https://cdn.example"), (.v3, nil),
    ] as [(Edition, String?)])
    func remoteAddressesAreTheDomains(edition: Edition, domain: String?) async throws {
        let test = try await TestSite(.init(edition: edition))
        let file = try await done(test)
        try await test.fixture.setDisk("remote")
        let key = edition == .v3 ? "video_access_domain" : "video_bucket_domain"
        try await test.run("UPDATE {configs} SET item_value = \(domain) WHERE item_key = \(key)")
        let information = try await test.site.information(of: try #require(try await test.site.file(id: file.id)))
        #expect(information["videoUrl"] == .text((domain == nil ? "https://demo.example" : "https://cdn.example") + "/videos/a.mp4"))
    }

    /// As a storage service's settings have it, for what transcodes on demand.
    @Test(arguments: [
        ("path-start", "https://cdn.example/?x=videos/2/a.b.mp4"), ("path-end", "https://cdn.example/videos/2/a.b.mp4?x="),
        ("name-start", "https://cdn.example/videos/2?x=a.b.mp4"), ("name-end", "https://cdn.example/videos/2/a.b?x=.mp4"),
        ("elsewhere", "https://cdn.example/videos/2/a.b.mp4"), ("", "https://cdn.example/videos/2/a.b.mp4"),
    ])
    func handlePositionsChangeAddresses(position: String, address: String) async throws {
        let test = try await TestSite()
        for (key, value) in [
            ("video_access_domain", "https://cdn.example"),
            ("video_transcode_handle_position", position), ("video_transcode_parameter", "?x="),
        ] { try await test.run("UPDATE {configs} SET item_value = \(value) WHERE item_key = \(key)") }
        try await test.run("INSERT INTO {configs} (item_key, item_value, item_type) VALUES ('video_substitution', 'https://x.example/no.png', 'file')")
        var file = try await done(test)
        try await test.fixture.setDisk("remote")
        file.path = "videos/2/a.b.mp4"
        file.posterPath = nil
        let information = try await test.site.information(of: file)
        #expect(information["videoUrl"] == .text(address) && information["videoPosterUrl"] == .null)
        #expect(information["substitutionImageUrl"] == .text("https://x.example/no.png"))
    }

    /// As Fresns' `getFileInfo()` has them, odd as some are: what 3.6.2 and 2.21.4 answered.
    @Test(arguments: Edition.allCases)
    func addressesAreAsFresnsBuildsThem(edition: Edition) async throws {
        let test = try await TestSite(.init(edition: edition))
        var file = try await done(test)
        file.path = "videos/2/a.mp4"
        file.posterPath = nil
        func set(_ key: String, _ value: String?) async throws {
            try await test.run("DELETE FROM {configs} WHERE item_key = \(key)")
            try await test.run(
                "INSERT INTO {configs} (item_key, item_value, item_type) VALUES (\(key), \(value), 'string')")
        }
        func address(_ key: String) async throws -> String? {
            guard case .text(let text)? = try await test.site.information(of: file)[key] else { return nil }
            return text
        }
        // On the local disk, without a poster, it names the disk's root.
        #expect(try await address("videoPosterUrl") == "https://demo.example/storage/")
        try await set("video_substitution", "/static/images/substitution-video.jpg")
        #expect(try await address("substitutionImageUrl") == "https://demo.example/static/images/substitution-video.jpg")
        try await set("video_substitution", "https://x.example/no.png")
        #expect(try await address("substitutionImageUrl") == "https://x.example/no.png")
        // What has a scheme anywhere is taken for an address.
        try await set("video_transcode_handle_position", "path-start")
        try await set("video_transcode_parameter", "/small/")
        #expect(try await address("videoUrl") == "/small/https://demo.example/storage/videos/2/a.mp4")

        try await test.fixture.setDisk("remote")
        file.disk = edition == .v2 ? "remote" : nil
        try await set(edition == .v3 ? "video_access_domain" : "video_bucket_domain", "https://cdn.example/")
        #expect(try await address("videoUrl") == "https://cdn.example/small/videos/2/a.mp4")
        #expect(try await address("videoPosterUrl") == nil)
        try await set("video_poster_handle_position", "path-end")
        try await set("video_poster_parameter", "?frame")
        #expect(try await address("videoPosterUrl") == "https://cdn.example/videos/2/a.mp4?frame", "of the video, on demand")
        file.posterPath = "videos/2/p.jpg"
        #expect(
            try await address("videoPosterUrl")
                == (edition == .v3 ? "https://cdn.example/videos/2/p.jpg?frame" : "https://cdn.example/videos/2/a.mp4?frame"))
        // Without a parameter v3 changes nothing.
        try await set("video_transcode_parameter", nil)
        try await set("video_transcode_handle_position", "name-start")
        #expect(
            try await address("videoUrl")
                == (edition == .v3 ? "https://cdn.example/videos/2/a.mp4" : "https://cdn.example/videos/2a.mp4"))
    }

    @Test(arguments: [
        (0, "0 B", "0 B"), (12, "12.00 B", "12 B"), (921, "921.00 B", "921 B"), (922, "0.90 KB", "922 B"), (140_288, "137.00 KB", "137 KB"),
        (1_048_576, "1.00 MB", "1 MB"), (1_600_000, "1.53 MB", "1.53 MB"), (5_368_709_120, "5.00 GB", "5 GB"),
    ])
    func sizesAreForPeople(bytes: Int64, text: String, older: String) {
        #expect(FileInformation.size(bytes, v2: false) == text)
        #expect(FileInformation.size(bytes, v2: true) == older)
    }
}
