import Foundation
import SQL
import SiteFixture
import Testing

/// What lies at a file's `path` is not trusted.
@Suite(.serialized)
struct SourceTests {
    @Test(arguments: ["link out of the storage", "link within it", "folder", "pipe"])
    func onlyARegularFileIsOpened(_ kind: String) async throws {
        try await Workplace.use { place in
            let file = try await place.site.upload(Built.media + "/clip.flv")
            let path = place.site.storagePath + "/" + file.path
            try FileManager.default.removeItem(atPath: path)
            switch kind {
            case "folder": try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            case "pipe": try #require(mkfifo(path, 0o644) == 0)
            case "link within it":
                let other = try await place.site.upload(Built.media + "/clip.flv")
                try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: place.site.storagePath + "/" + other.path)
            default: try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: Built.media + "/clip.flv")
            }
            try await place.site.expect(.failed, of: file, codes: ["source-not-regular"])
            try await place.site.attach(file, to: .post, try await place.site.write(.post))
            try await place.untilIdle()
            let check = try #require(try await place.site.check().first)
            #expect(check.row.state == 4 && check.code == "source-not-regular", "\(check.code ?? "none")")
            #expect(place.site.hiddenFiles() == [])
        }
    }

    @Test(arguments: ["../../../.env", "/etc/passwd", "videos/../../../../.env"])
    func noPathLeadsOutOfTheStorage(_ path: String) async throws {
        try await Workplace.use { place in
            let file = try await place.publish("clip.flv").file
            try await place.site.set("path", path, file: file.id)
            try await place.untilIdle()
            let row = try await place.site.file(file.id)
            #expect(row.state == 4 && row.path == path, "\(row)")
            #expect(place.site.storedFiles() == [file.path])
        }
    }

    /// The second try works on what is there now.
    @Test func aSourceThatChangesInMidJobIsBegunAnew() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "retry:\n  first_wait: 100ms") { place in
            let file = try await place.publish(film).file
            let path = place.site.storagePath + "/" + file.path
            try await place.daemon("--until-idle") { daemon in
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                try Data(contentsOf: URL(filePath: Built.media + "/clip.flv")).write(to: URL(filePath: path))
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
            }
            let row = try await place.site.file(file.id)
            #expect(row.state == 3, "\(row.reason ?? "")")
            #expect(row.width == 170 && row.height == 120, "of the file that is there now")
            #expect(place.site.storedFiles().count == 3 && place.site.hiddenFiles() == [])
        }
    }
}
