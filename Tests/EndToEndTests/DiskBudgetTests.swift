import Foundation
import SQL
import SiteFixture
import Testing

/// A disk that has not the room: nothing is begun, everybody is told why, and it goes on when there is some.
@Suite(.serialized)
struct DiskBudgetTests {
    private let noRoom = "reserve: 1000TiB"

    @Test func filesWaitForRoomAndTheStatusSaysWhy() async throws {
        try await Workplace.use(configuration: noRoom) { place in
            let files = [try await place.publish("tune.mp3").file, try await place.publish("clip.flv").file]
            try await place.daemon { daemon in
                try await until("the status says why") {
                    (try? await place.run("status"))?.output.contains("2 files wait for disk space: up to") == true
                }
                for file in files { #expect(try await place.site.file(file.id).state == 1) }
                try place.configure("reserve: 1MiB")
                daemon.signal(SIGHUP)
                for file in files {
                    try await until("it is done") { try await place.site.file(file.id).state == 3 }
                }
                try await until("the status says nothing more") {
                    try await !place.run("status").output.contains("for disk space")
                }
                let log = daemon.errorsSoFar
                #expect(log.components(separatedBy: "2 files wait for disk space").count == 2, "said once: \(log)")
                #expect(log.components(separatedBy: "No more files are waiting for disk space").count == 2, "\(log)")
                try await stop(daemon)
            }
            for file in files { #expect(try await place.job(file.id)?.int("token") == 1) }
            try await place.expectAllInOrder()
        }
    }

    @Test func whoeverCannotWaitEndsWith75() async throws {
        try await Workplace.use(configuration: noRoom) { place in
            let file = try await place.publish("tune.mp3").file
            for arguments in [["daemon", "--until-idle"], ["run", "--id", "\(file.id)"]] {
                let result = try await Program.run(
                    Built.transcoder, [arguments[0], "--config", place.config] + arguments.dropFirst())
                #expect(result.status == 75, "\(arguments): \(result.errors)")
                #expect(result.errors.contains("Not enough disk space: up to"), "\(result.errors)")
            }
            let output = place.folder + "/out.m4a"
            let result = try await place.run("convert", Built.media + "/tune.mp3", "-o", output)
            #expect(result.status == 75)
            #expect(result.errors.contains("Not enough disk space"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: output))
            #expect(try await place.site.file(file.id).state == 1)
            #expect(try await place.job(file.id)?.int("attempts") ?? 0 == 0)
            #expect(place.site.hiddenFiles() == [])
        }
    }
}
