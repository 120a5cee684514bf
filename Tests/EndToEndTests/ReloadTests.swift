import Foundation
import SQL
import SiteFixture
import Testing

/// `systemctl reload`: a new configuration for a running daemon.
@Suite(.serialized)
struct ReloadTests {
    private func reload(_ daemon: Program, until words: String) async throws {
        let before = daemon.errorsSoFar.count
        daemon.signal(SIGHUP)
        try await until("it says: \(words)") { daemon.errorsSoFar.dropFirst(before).contains(words) }
    }

    private let isRead = "The configuration is reloaded"

    @Test func aRunningJobGoesOnAndNewOnesGoByTheNewOne() async throws {
        let film = try await LongFilm.shared.path(seconds: 30)
        let small = "video_profile: small\nprofiles: {small: {video: {max_side: 160}}}"
        try await Workplace.use(configuration: "workers: 1") { place in
            let first = try await place.publish(film).file
            let second = try await place.publish("clip.flv").file
            try await place.site.set("duration", "100", file: first.id)
            try await place.site.set("duration", "170", file: second.id)
            try await place.daemon { daemon in
                try await until("the film is in work") { try !daemon.mediaChildrenAtWork(on: first.path).isEmpty }
                let child = try daemon.mediaChildrenAtWork(on: first.path)
                #expect(try await place.site.file(second.id).state == 1, "there is one hand")

                try place.configure("workers: 2\n\(small)")
                try await reload(daemon, until: isRead)
                try await until("the second hand is at work") { try await place.site.file(second.id).state != 1 }
                try await until("the second file is done") { try await place.site.file(second.id).state == 3 }
                #expect(try daemon.mediaChildrenAtWork(on: first.path) == child, "the running job is not dropped")
                try await until("the film is done", within: .seconds(600)) { try await place.site.file(first.id).state == 3 }
                try await stop(daemon)
            }
            #expect(try await place.job(first.id)?.int("token") == 1)
            let files = [try await place.site.file(first.id), try await place.site.file(second.id)]
            #expect(files[0].width == 1280, "begun by the old profile")
            #expect(max(files[1].width ?? 0, files[1].height ?? 0) == 160, "begun by the new one")
            #expect(place.site.hiddenFiles() == [])
        }
    }

    @Test func aBadConfigurationIsNamedAndChangesNothing() async throws {
        try await Workplace.use(configuration: "workers: 1") { place in
            try await place.daemon { daemon in
                let first = try await place.publish("tune.mp3").file
                try await until("it works") { try await place.site.file(first.id).state == 3 }
                for (bad, name) in [("wrokers: 2", "wrokers"), ("workers: many", "workers"), ("video_profile: huge", "video_profile")] {
                    try place.configure(bad)
                    try await reload(daemon, until: name)
                    #expect(daemon.errorsSoFar.contains("error: The new configuration is invalid"))
                }
                try FileManager.default.removeItem(atPath: place.config)
                try await reload(daemon, until: "There is no configuration at \(place.config)")
                #expect(!daemon.errorsSoFar.contains(isRead))
                let second = try await place.publish("tune.mp3").file
                try await until("it works on") { try await place.site.file(second.id).state == 3 }
                try await stop(daemon)
            }
        }
    }

    @Test func whatHoldsAfterARestartOnlyIsSaid() async throws {
        try await Workplace.use { place in
            try await place.daemon { daemon in
                try await until("it is there") { FileManager.default.fileExists(atPath: place.statusFile) }
                try place.configure("scratch: /nowhere/scratch\nsandbox: best-effort\nworkers: 2")
                try await reload(daemon, until: isRead)
                #expect(daemon.errorsSoFar.contains("scratch, sandbox: the new values take effect after a restart."))
                let file = try await place.publish("tune.mp3").file
                try await until("it works on") { try await place.site.file(file.id).state == 3 }
                try await stop(daemon)
            }
            try await place.expectAllInOrder()
        }
    }
}
