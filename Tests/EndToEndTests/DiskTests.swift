import Foundation
import SQL
import SiteFixture
import Testing

/// A site with a storage plugin, by the program: files on another disk are left alone, and everybody who asks is told.
@Suite(.serialized)
struct DiskTests {
    static let settings: [FixtureSite.Settings] = Workplace.databases.flatMap { database in
        Edition.allCases.map { FixtureSite.Settings(edition: $0, database: database) }
    }

    @Test(arguments: settings)
    func filesElsewhereAreLeftAloneAndTold(_ settings: FixtureSite.Settings) async throws {
        try await Workplace.use(settings) { place in
            // A copy lies here, as on a site that moved: it is not to be touched.
            let media = Built.media + "/old-phone.3gp"
            let film = try await place.site.publish(media).file
            let other = try await place.site.publish(media, as: .comment).file
            _ = try await place.publish("tune.mp3")
            try await place.site.setDisk("remote")
            @Sendable func isAsItWas(_ file: Upload) async throws -> Bool {
                let row = try await place.site.file(file.id)
                let stored = place.site.storagePath + "/" + file.path
                return row.state == 1 && row.path == file.path && row.posterPath == nil && row.originalPath == nil
                    && FileManager.default.contentsEqual(atPath: media, andPath: stored)
            }
            let cause = settings.edition == .v2 ? "files.disk is “remote”" : "video_filesystem_disk is “remote”"
            let lack = "the settings of their storage do not name a bucket, the key to it, and an S3 endpoint or a region of Amazon's"
            let sentence = "2 videos are not on this host's disk (\(cause)) and are skipped; \(lack)."

            let set = try await place.run("init", "--site", place.site.root, "--no-service")
            #expect(set.status == 0 && set.errors.contains("! disk: \(cause)") && set.errors.contains("2 are waiting"), "\(set.errors)")
            let daemon = try await place.run("daemon", "--until-idle")
            #expect(daemon.status == 0, "\(daemon.errors)")
            #expect(daemon.errors.components(separatedBy: sentence).count == 2, "once: \(daemon.errors)")
            try await place.expectAllInOrder()
            #expect(try await isAsItWas(film))
            #expect(try await isAsItWas(other))

            let status = try await place.run("status")
            #expect(status.output.contains("skipped   \(sentence)"), "\(status.output)")
            let json = try await place.run("status", "--json")
            #expect(json.output.contains(#""elsewhere" : ["#) && json.output.contains(#""waiting" : 2"#), "\(json.output)")
            try await place.doctor("! disk: \(cause)", "2 are waiting", "storage service's own transcoding", ends: 0)
            for arguments in [[], ["--force"]] {
                let run = try await Program.run(
                    Built.transcoder, ["run", "--config", place.config, "--id", "\(film.id)"] + arguments)
                #expect(run.status == 1, "\(run.errors)")
                #expect(run.errors == "File \(film.id) is not on this host's disk (\(cause)): it is skipped.\n")
            }
            #expect(try await place.run("cancel", "--id", "\(other.id)").status == 1)

            // As an older version ended them.
            let (files, jobs) = (place.site.table("files"), place.site.table("transcoder_jobs"))
            try await place.site.database.write { session in
                try session.execute("update \(files) set transcoding_state = 4, transcoding_reason = 'x' where id = \(film.id)")
                try session.execute("delete from \(jobs) where file_id = \(film.id)")
                try session.execute(
                    "insert into \(jobs) (file_id, state, code, reason) values (\(film.id), 'failed', 'source-missing', 'x')")
            }
            try await place.doctor("! disk: 1 file was marked source-missing", "transcoder retry --failed", ends: 0)
            #expect(try await place.run("retry", "--failed").output == "File \(film.id) is queued again.\n")
            #expect(try await place.site.file(film.id).state == 1)
            try await place.untilIdle()
            #expect(try await isAsItWas(film))
            #expect(try await isAsItWas(other))

            // It moves back.
            try await place.site.setDisk("local")
            try await place.untilIdle()
            for file in [film, other] { #expect(try await place.site.file(file.id).state == 3) }
            let after = try await place.run("status")
            #expect(!after.output.contains("elsewhere"), "\(after.output)")
        }
    }

    /// A site that moves while a file is worked on: the row does not come to name what only this host has.
    @Test(arguments: Workplace.databases)
    func aSiteThatMovesInMidJob(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            let film = try await place.site.publish(LongFilm.shared.path(seconds: 20)).file
            try await place.daemon { daemon in
                try await until("it is worked on") { try await place.site.file(film.id).state == 2 }
                try await place.site.setDisk("remote")
                try await until("it is let go of") { try await place.site.file(film.id).state == 1 }
                daemon.signal(SIGTERM)
                let result = await daemon.result()
                #expect(result.status == 0 && result.errors.contains("1 video is not on this host's disk"), "\(result.errors)")
            }
            #expect(try await place.site.file(film.id).path == film.path)
            #expect(place.site.hiddenFiles() == [])
        }
    }

    @Test func aStrangeDiskIsNamed() async throws {
        try await Workplace.use { place in
            _ = try await place.publish("old-phone.3gp", expect: .untouched)
            try await place.site.setDisk("s3")
            let words = "video_filesystem_disk is “s3”, which is neither “local” nor “remote”"
            try await place.doctor("! disk: \(words)", "Fix it: Fresns knows “local” and “remote”", ends: 0)
            let daemon = try await place.run("daemon", "--until-idle")
            #expect(daemon.errors.contains("warning") && daemon.errors.contains(words), "\(daemon.errors)")
            try await place.expectAllInOrder()
        }
    }
}
