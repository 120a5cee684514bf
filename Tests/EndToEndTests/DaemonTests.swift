import Foundation
import SQL
import SiteFixture
import Testing

/// Several daemons on one site, and how they end.
@Suite(.serialized)
struct DaemonTests {
    @Test func twoDaemonsDoFiftyPostsOnceEach() async throws {
        try await Workplace.use { place in
            var files: [Upload] = []
            for _ in 0..<50 { files.append(try await place.publish("old-phone.3gp").file) }
            try await place.daemon("--until-idle") { first in
                try await place.daemon("--until-idle") { second in
                    for daemon in [first, second] {
                        let result = await daemon.result()
                        #expect(result.status == 0, "\(result.errors)")
                    }
                }
            }
            var owners: Set<String> = []
            for file in files {
                let row = try await place.site.file(file.id)
                #expect(row.state == 3, "\(row.reason ?? "")")
                let job = try #require(try await place.job(file.id))
                #expect(job.int("attempts") == 1 && job.int("token") == 1, "file \(file.id) was claimed more than once")
                if let owner = job.text("owner") { owners.insert(owner) }
            }
            // A source, a film and a poster each, and nothing besides.
            #expect(place.site.storedFiles().count == 150)
            #expect(owners.isEmpty || owners.count == 2, "both took part: \(owners)")
            try await expectRollbackJournal(place.site)
        }
    }

    @Test func sigtermInMidJobHandsItBack() async throws {
        let film = try await LongFilm.shared.path(seconds: 60)
        try await Workplace.use(configuration: "grace: 0s") { place in
            let file = try await place.publish(film).file
            try await place.daemon { daemon in
                try await until("the job runs") { try await place.site.file(file.id).state == 2 }
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                try await stop(daemon)
            }
            let row = try await place.site.file(file.id)
            #expect(row.state == 1, "handed back, not left in 2")
            #expect(row.path == file.path && row.originalPath == nil && row.reason == nil)
            #expect(try await place.job(file.id)?.int("attempts") == 0, "it was not the file's fault")
            #expect(place.site.hiddenFiles() == [])
            #expect(place.site.storedFiles().count == 1)
        }
    }

    @Test func withinItsGraceAJobIsFinished() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "grace: 120s") { place in
            let file = try await place.publish(film).file
            let later = try await place.publish(film).file
            try await place.daemon { daemon in
                try await until("a job runs") {
                    for id in [file.id, later.id] where try await place.site.file(id).state == 2 { return true }
                    return false
                }
                try await stop(daemon)
            }
            let states = [try await place.site.file(file.id).state, try await place.site.file(later.id).state]
            #expect(states.contains(3) && !states.contains(2), "\(states)")
            #expect(place.site.hiddenFiles() == [])
        }
    }

    /// The next daemon on the host takes over at once, and the film is not lost.
    @Test func killedInMidJobItIsDoneByTheNext() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            try await place.daemon { daemon in
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                daemon.signal(SIGKILL)
                #expect(await daemon.result().status == -SIGKILL)
            }
            #expect(try await place.site.file(file.id).state == 2)
            try await place.untilIdle()
            try await place.expectAllInOrder()
        }
    }

    @Test func aFileDeletedInMidJobIsNotWrittenTo() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            try await place.daemon("--until-idle") { daemon in
                try await until("the job runs") { try await place.site.file(file.id).state == 2 }
                try await place.site.set("deleted_at", place.site.timestamp(), file: file.id)
                #expect(await daemon.result().status == 0)
            }
            let row = try await place.site.file(file.id)
            #expect(row.path == file.path && row.originalPath == nil && row.state != 3)
            #expect(place.site.storedFiles() == [file.path], "what was made of it is gone")
        }
    }

    /// The kernel kills for want of memory, and people do: the file did nothing.
    @Test func aChildThatIsKilledFromOutsideCostsNoTry() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use(configuration: "retry:\n  first_wait: 100ms") { place in
            let file = try await place.publish(film).file
            try await place.daemon("--until-idle") { daemon in
                try await until("a child's death", within: .seconds(300)) {
                    guard let child = try daemon.mediaChildrenAtWork().first else { return false }
                    return kill(child, SIGKILL) == 0
                }
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
            }
            #expect(try await place.job(file.id)?.int("attempts") == 1)
            try await place.expectAllInOrder()
        }
    }

    @Test func theDatabaseIsFreeWhileAJobRuns() async throws {
        let film = try await LongFilm.shared.path(seconds: 10)
        try await Workplace.use { place in
            let file = try await place.publish(film).file
            let other = try SQLiteDatabase(path: place.site.databasePath, lockTimeout: .milliseconds(500))
            try await place.daemon("--until-idle") { daemon in
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                var writes = 0
                while try await place.site.file(file.id).state == 2 {
                    try await other.write { session in
                        _ = try session.execute("update \(place.site.table("posts")) set updated_at = created_at")
                    }
                    writes += 1
                }
                #expect(writes > 10)
                #expect(await daemon.result().status == 0)
            }
            await other.close()
            try await place.expectAllInOrder()
        }
    }
}
