import Foundation
import Jobs
import SQL
import SiteFixture
import Synchronization
import Testing

/// What befalls the way to a database server, and the server: no file is lost, and none is done twice.
@Suite(.serialized)
struct ServerCalamityTests {
    /// Away for a minute in the midst of a job: its work is kept, and told when the server is there again.
    @Test(arguments: Workplace.servers)
    func aServerThatIsStoppedForAMinuteIsWaitedFor(dialect: SQLDialect) async throws {
        let film = try await LongFilm.shared.path(seconds: 30)
        try await PrivateServer.run(dialect) { server in
            try await Workplace.use(.init(database: dialect, server: server.address)) { place in
                let file = try await place.publish(film).file
                let ends = try await SiteWatch.count(on: place.site)
                try await place.daemon { daemon in
                    try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                    try await server.stop()
                    // So long is what is tried.
                    try await Task.sleep(for: .seconds(60))
                    try await server.start()
                    try await until("it is done") {
                        // The site's own connection broke, too.
                        (try? await place.site.file(file.id))?.state == 3
                    }
                    #expect(try await place.job(file.id)?.int("token") == 1, "it was begun twice:\n\(daemon.errorsSoFar)")
                    try await stop(daemon)
                }
                #expect(try await ends(file.id) == 1)
                try await place.expectAllInOrder()
                try await place.expectNothingUnreferenced()
            }
        }
    }

    /// The rows are locked, the server is well.
    @Test(arguments: Workplace.servers)
    func rowsThatAreLockedForHalfAMinuteAreWaitedFor(dialect: SQLDialect) async throws {
        try await Workplace.use(dialect) { place in
            let file = try await place.publish("old-phone.3gp").file
            let ends = try await SiteWatch.count(on: place.site)
            try await place.daemon("--until-idle") { daemon in
                try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                let sleep: Query = dialect == .mariadb ? "select sleep(30) as slept" : "select pg_sleep(30)::text as slept"
                try await place.site.database.write { session in
                    _ = try session.query("select id from \(place.site.table("files")) for update")
                    _ = try session.query(sleep)
                }
                let result = await daemon.result()
                #expect(result.status == 0, "\(result.errors)")
            }
            #expect(try await place.job(file.id)?.int("attempts") == 1, "nothing was done twice")
            #expect(try await ends(file.id) == 1)
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// Every so many messages a connection goes, wherever the work stands. `CutTests` goes through them one by one.
    @Test(arguments: Workplace.servers, CuttingProxy.Cut.allCases)
    func aConnectionThatBreaksAgainAndAgainLosesNothing(dialect: SQLDialect, cut: CuttingProxy.Cut) async throws {
        try await Workplace.use(dialect, configuration: "lease: 2s\npoll: 500ms\nretry:\n  first_wait: 200ms") { place in
            let ends = try await SiteWatch.count(on: place.site)
            var files: [Upload] = []
            for number in 0..<8 {
                files.append(try await place.publish(try place.distinct("old-phone.3gp", "\(number)")).file)
            }
            let counter = Mutex((isArmed: false, messages: 0, cuts: 0))
            let proxy = try CuttingProxy(to: try #require(try place.site.port)) { _ in
                counter.withLock { counter in
                    // The start is spared: nothing is in hand yet, and a daemon that cannot begin says so.
                    guard counter.isArmed else { return nil }
                    counter.messages += 1
                    guard counter.messages.isMultiple(of: 47) else { return nil }
                    counter.cuts += 1
                    return cut
                }
            }
            try place.site.setPort(proxy.port)
            try await place.daemon("--until-idle") { daemon in
                try await until("a file is in hand") { try await place.site.files().contains { $0.state != 1 } }
                counter.withLock { $0.isArmed = true }
                let result = await daemon.result()
                // Cut often enough in a row it says that the database is out of reach, and ends.
                #expect([0, 75].contains(result.status), "\(result.errors)")
            }
            #expect(counter.withLock(\.cuts) > 0)
            counter.withLock { $0.isArmed = false }
            try await place.untilIdle()
            for file in files { #expect(try await ends(file.id) == 1, "file \(file.id)") }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
            withExtendedLifetime(proxy) {}
        }
    }
}

extension SiteWatch {
    /// From now on the database counts; the result tells how often a file came to its end.
    static func count(on site: FixtureSite) async throws -> @Sendable (Int64) async throws -> Int {
        try await site.database.write { session in
            for statement in countingEnds(site) { try session.execute(statement) }
        }
        let ends = site.table("ends")
        return { file in
            try await site.database.read { session in
                try session.query("select * from \(ends) where file_id = \(file)").count
            }
        }
    }
}
