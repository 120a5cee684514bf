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

    /// Nobody but a person knows whether a folder that is away comes back: it is told, waited for, and given up on their word.
    @Test func aFolderThatIsGoneForGood() async throws {
        try await Workplace.use(configuration: "missing_wait: 0s") { place in
            let film = try await place.publish("clip.flv").file, song = try await place.publish("tune.mp3").file
            let folder = film.path.split(separator: "/").dropLast(2).joined(separator: "/"), path = place.site.storagePath + "/" + folder
            try FileManager.default.moveItem(atPath: path, toPath: place.folder + "/away")
            // Of another month something is there.
            try FileManager.default.createDirectory(atPath: (path as NSString).deletingLastPathComponent + "/202501", withIntermediateDirectories: false)
            let idle = try await place.run("daemon", "--until-idle")
            #expect(idle.status == 75 && idle.errors.contains("All queued files wait for missing folders: \(path)"), "\(idle.errors)")
            let states = [try await place.site.file(song.id).state, try await place.site.file(film.id).state]
            #expect(states == [3, 1])
            try await place.daemon { daemon in
                let told = "1 upload waits for the folder \(path), which is missing, empty or not accessible."
                try await until("the doctor tells") { try await place.run("doctor").output.contains("! storage: \(told)") }
                #expect(try await place.run("status").output.contains("\(told) Is its disk mounted? If it is gone for good, “transcoder cancel --folder \(folder)” fails them."))
                for (name, words) in [("videos", "exists and is not empty"), ("/etc", "is not a folder in the storage"), ("../x", "is not a folder in")] {
                    let refused = try await place.run("cancel", "--folder", name)
                    #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.errors)")
                }
                let given = try await place.run("cancel", "--folder", folder)
                #expect(given.status == 0 && given.output == "Marked 1 file as failed.\n", "\(given.output)\(given.errors)")
                #expect(try await place.job(film.id)?.text("code") == "source-missing")
                // And back, after all.
                try FileManager.default.moveItem(atPath: place.folder + "/away", toPath: path)
                try await until("it is there again") { daemon.errorsSoFar.contains("The folder \(path) is available again") }
                #expect(try await place.run("retry", "--failed").status == 0)
                try await until("it is done") { try await place.site.file(film.id).state == 3 }
                try await stop(daemon)
            }
        }
    }

    /// The second attempt works on what is there now.
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
