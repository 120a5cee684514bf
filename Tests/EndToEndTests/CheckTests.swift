import Foundation
import SiteFixture
import Testing

/// The checks that the other tests rest on would see a fault.
@Suite(.serialized)
struct CheckTests {
    @Test func faultsAreFound() async throws {
        try await Workplace.use { place in
            let film = try await place.publish("clip.flv").file
            let sound = try await place.publish("tune.mp3").file
            let bad = try await place.publish("bad/text.mp4", expect: .failed, codes: ["empty"]).file
            let draft = try await place.site.place(.draft, media: Built.media + "/hello.wav")
            try await place.untilIdle()

            try await place.site.set("transcoding_state", "4", file: draft.id)
            let soundRow = try await place.site.file(sound.id)
            try append(place.site.storagePath + "/" + soundRow.path)
            let filmRow = try await place.site.file(film.id)
            try FileManager.default.removeItem(atPath: place.site.storagePath + "/" + (filmRow.posterPath ?? ""))
            try append(place.site.storagePath + "/" + film.path)

            let checks = try await place.site.check()
            func faults(_ file: Upload) -> String {
                checks.first { $0.row.id == file.id }?.faults.joined(separator: "; ") ?? ""
            }
            #expect(faults(draft).contains("transcoding_state"))
            #expect(faults(bad).contains("its code is not-media"))
            #expect(faults(sound).contains("SHA-256") && faults(sound).contains("size"))
            #expect(faults(film).contains("no file is at") && faults(film).contains("uploaded file was changed"))

            let program = try await Program.run(Built.fixture, ["check", place.site.root])
            #expect(program.status == 1)
            #expect(program.output.contains("✗"))
        }
    }

    private func append(_ path: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data("x".utf8))
        try file.close()
    }
}
