import Foundation
import SiteFixture
import Testing

/// The same upload again, and what deleted rows leave behind: the built daemon on a real site.
@Suite(.serialized)
struct SameContentTests {
    @Test func theSameUploadIsDoneOnce() async throws {
        try await Workplace.use(configuration: "workers: 1") { place in
            var files: [Upload] = []
            for _ in 0..<4 { files.append(try await place.publish("clip.flv").file) }
            try await place.untilIdle()
            try await place.expectAllInOrder()
            var inodes: Set<UInt64> = []
            for file in files {
                let row = try await place.site.file(file.id)
                let facts = try FileManager.default.attributesOfItem(atPath: place.site.storagePath + "/" + row.path)
                inodes.insert((facts[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0)
                #expect(row.path != file.path)
            }
            #expect(inodes.count == 1, "one file with four names")

            // Three are deleted: the fourth plays on.
            for file in files.dropLast() { try await place.site.set("physical_deletion", "1", file: file.id) }
            try await place.untilIdle()
            let last = try await place.site.file(files[3].id)
            #expect(Set(place.site.storedFiles()) == Set([last.path, files[3].path, last.posterPath].compactMap(\.self)))
            #expect(try await StoredFile.sha256(place.site.storagePath + "/" + last.path) == last.sha)
        }
    }
}
