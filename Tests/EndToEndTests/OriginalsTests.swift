import Foundation
import SiteFixture
import Testing

/// `originals: scrub`: what the download link serves tells no more than the film.
@Suite(.serialized)
struct OriginalsTests {

    @Test func aScrubbedOriginalLosesItsPlace() async throws {
        try await Workplace.use(configuration: "originals: scrub") { place in
            let file = try await place.publish("android-location.mp4").file
            let uploaded = place.site.storagePath + "/" + file.path
            let before = try Data(contentsOf: URL(filePath: uploaded))
            let location = try #require(Self.location(in: before))
            try await place.untilIdle()

            let row = try await place.site.file(file.id)
            #expect(row.state == 3, "\(row.reason ?? "")")
            let original = try #require(row.originalPath)
            #expect(original != file.path && original.hasSuffix(".mp4"))
            #expect(!FileManager.default.fileExists(atPath: uploaded), "what was uploaded is gone")
            for path in [original, row.path] {
                let after = try Data(contentsOf: URL(filePath: place.site.storagePath + "/" + path))
                #expect(after.range(of: location) == nil, "\(path) still tells where it was filmed")
            }
            #expect(place.site.hiddenFiles() == [])

            let forced = try await place.run("run", "--id", "\(file.id)", "--force")
            #expect(forced.status == 0, "\(forced.errors)")
            #expect(try await place.site.file(file.id).originalPath == original, "the scrubbed original stays the original")
        }
    }

    @Test func keptOriginalsStayAsTheyAre() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("android-location.mp4").file
            let before = try Data(contentsOf: URL(filePath: place.site.storagePath + "/" + file.path))
            try await place.untilIdle()
            #expect(try await place.site.file(file.id).originalPath == file.path)
            #expect(try Data(contentsOf: URL(filePath: place.site.storagePath + "/" + file.path)) == before)
        }
    }

    /// ISO 6709, as phones write it: "+37.4220-122.0840/".
    private static func location(in bytes: Data) -> Data? {
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        return text.firstMatch(of: /[+-]\d{2}\.\d{4}[+-]\d{3}\.\d{4}/).map { Data($0.output.utf8) }
    }
}
