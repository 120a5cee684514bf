import Foundation
import SQL
import SiteFixture
import Testing

/// `transcoder info`: a file as Fresns' API gives it.
@Suite(.serialized)
struct InfoTests {
    private func info(_ place: Workplace, _ arguments: String...) async throws -> [String: Any] {
        let result = try await Program.run(
            Built.transcoder, ["info", "--config", place.config, "--json"] + arguments)
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    @Test func aVideoBeforeAndAfter() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("old-phone.3gp").file
            let before = try await info(place, "--id", "\(file.id)")
            #expect(before["videoUrl"] as? String == "https://demo.example/storage/" + file.path)
            #expect(before["transcodingState"] as? Int == 1 && before["videoPosterUrl"] as? String == "https://demo.example/storage/" && before["width"] is NSNull)
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            let after = try await info(place, "--fid", file.fid)
            #expect(
                Set(after.keys) == [
                    "fid", "type", "status", "substitutionImageUrl", "warning", "name", "mime", "extension", "size", "width", "height",
                    "duration", "sha", "shaType", "videoPosterUrl", "videoUrl", "transcodingState",
                ])
            #expect(after["videoUrl"] as? String == "https://demo.example/storage/" + row.path && row.path != file.path)
            #expect(after["videoPosterUrl"] as? String == "https://demo.example/storage/" + (row.posterPath ?? ""))
            #expect(after["mime"] as? String == "video/mp4" && after["extension"] as? String == "mp4")
            #expect(after["transcodingState"] as? Int == 3 && (after["size"] as? String)?.hasSuffix(" KB") == true)
            #expect(after["shaType"] as? String == "sha256" && (after["sha"] as? String)?.count == 64)
            let people = try await place.run("info", "--id", "\(file.id)")
            #expect(people.output.contains("https://demo.example/storage/" + row.path))
        }
    }

    @Test func soundOfAnOlderSiteInBothShapes() async throws {
        try await Workplace.use(.init(edition: .v2)) { place in
            let file = try await place.publish("tune.mp3", as: .comment).file
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            let older = try await info(place, "--id", "\(file.id)", "--v2")
            #expect(
                Set(older.keys) == [
                    "fid", "type", "status", "substitutionImageUrl", "sensitive", "name", "mime", "extension", "size", "md5", "moreJson",
                    "sha", "shaType", "audioTime", "audioUrl", "transcodingState",
                ])
            #expect((older["md5"] as? String)?.count == 32 && (older["audioTime"] as? Int ?? 0) > 0)
            #expect(older["audioUrl"] as? String == "https://demo.example/storage/" + row.path)
            let newer = try await info(place, "--id", "\(file.id)")
            #expect(newer["duration"] as? Int == older["audioTime"] as? Int && newer["warning"] as? String == "none")
            #expect(newer["md5"] == nil && newer["audioTime"] == nil)
        }
    }

    @Test func aRemoteDisk() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("old-phone.3gp").file
            let configs = place.site.table("configs")
            @Sendable func set(_ key: String, _ value: String) async throws {
                try await place.site.database.write { session in
                    _ = try session.execute("update \(configs) set item_value = \(value) where item_key = \(key)")
                }
            }
            try await set("video_filesystem_disk", "remote")
            #expect(try await info(place, "--id", "\(file.id)")["videoUrl"] as? String == "https://demo.example/" + file.path)
            try await set("video_access_domain", "https://cdn.example")
            #expect(try await info(place, "--id", "\(file.id)")["videoUrl"] as? String == "https://cdn.example/" + file.path)

            try await set("video_transcode_handle_position", "path-end")
            for arguments in [["doctor"], ["init", "--site", place.site.root]] {
                let result = try await Program.run(Built.transcoder, arguments + ["--config", place.config])
                #expect(result.status == 0, "\(result.errors)")
                let said = result.output + result.errors
                #expect(said.contains("! disk: video_filesystem_disk is “remote”") && !said.contains("audio_filesystem_disk"), "\(said)")
                #expect(said.contains("! addresses: video_transcode_handle_position is set"), "\(said)")
            }
        }
    }
}
