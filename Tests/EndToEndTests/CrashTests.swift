import Foundation
import Jobs
import SQL
import SiteFixture
import Testing

/// A daemon that is killed, wherever it stands: the next one brings every file to its one end, the site plays a whole
/// film all the while, and nothing is left over.
@Suite(.serialized)
struct CrashTests {
    /// Steps that only a failure, or only what an earlier crash left, leads to.
    static let ofFailure: [Failpoint] = [.withdrawn, .failing, .failed]
    static let ofRecovery: [Failpoint] = [
        .reclaiming, .reclaimed, .leftoversFound, .leftoverRemoved, .leftoverForgotten,
    ]

    /// Steps that are reached with the same source twice, or with what has had its time.
    private static let ofTwins: [Failpoint] = [.duplicateTaken]
    private static let ofRetention: [Failpoint] = [.retiring, .retired]

    static let steps = Failpoint.allCases.filter { !(ofTwins + ofRetention).contains($0) }

    static func expectDeathLosesNothing(at step: Failpoint, _ database: SQLDialect) async throws {
        let fails = ofFailure.contains(step)
        try await Workplace.use(database) { place in
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish(
                    try place.distinct(fails ? "bad/text.mp4" : "old-phone.3gp", step.rawValue),
                    expect: fails ? .failed : .done
                ).file
                try await watch.add(file)
                if ofRecovery.contains(step) { try await place.die(at: .posterNamed) }
                try await place.die(at: step)
                try await place.untilIdle()
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// Where the restart dies too, at the same place, the one after it does the work.
    @Test(arguments: Workplace.databases)
    func deathAgainAndAgainLosesNothing(database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish(try place.distinct("old-phone.3gp", "again")).file
                try await watch.add(file)
                for step in [Failpoint.outputNamed, .jobWriting, .outputNamed, .reclaiming, .leftoverRemoved, .rowWriting] {
                    try await place.die(at: step)
                }
                try await place.untilIdle()
                // Only what was in somebody's hands counts as lost, and none of it as a try.
                let job = try #require(try await place.job(file.id))
                #expect(job.int("losses") == 4 && job.int("attempts") == 1)
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// The twin's own names go and come; the first one's film is played all the while.
    @Test(arguments: ofTwins + [.outputDurable, .outputNamed, .posterNamed, .rowWriting, .writtenBack], Workplace.databases)
    func deathWithATwinLosesNothing(step: Failpoint, database: SQLDialect) async throws {
        try await Workplace.use(database) { place in
            try await SiteWatch.over(place.site) { watch in
                for death in [nil, step] {
                    let file = try await place.publish("old-phone.3gp").file
                    try await watch.add(file)
                    if let death { try await place.die(at: death) }
                    try await place.untilIdle()
                }
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// No row ever names what is gone, and nothing stays that no row names.
    @Test(
        arguments: ofRetention + [.leftoversFound, .leftoverRemoved, .leftoverForgotten],
        Workplace.databases.flatMap { database in [true, false].map { (database, $0) } })
    func deathWhileFilesAreRetiredLeavesNone(step: Failpoint, case: (database: SQLDialect, isMarked: Bool)) async throws {
        let (database, isMarked) = `case`
        try await Workplace.use(database) { place in
            let file = try await place.publish("old-phone.3gp").file
            try await place.untilIdle()
            if isMarked {
                try await place.site.set("physical_deletion", "1", file: file.id)
            } else {
                try place.configure("delete_originals_after: 0s")
            }
            try await place.die(at: step)
            let row = try await place.site.file(file.id)
            if !isMarked {
                for path in [row.path, row.posterPath, row.originalPath].compactMap(\.self) {
                    #expect(StoredFile(place.site.storagePath + "/" + path) != nil, "a row names what is gone")
                }
            }
            try await place.untilIdle()
            let left = try await place.site.file(file.id)
            #expect(left.originalPath == nil)
            #expect(Set(place.site.storedFiles()) == Set(isMarked ? [] : [left.path, left.posterPath].compactMap(\.self)))
        }
    }

    @Test(arguments: Workplace.databases)
    func deathAtRandomInstantsLosesNothing(database: SQLDialect) async throws {
        let kills = database == .sqlite ? 100 : 40
        try await Workplace.use(database) { place in
            try await SiteWatch.over(place.site) { watch in
                for number in 0..<kills {
                    if number.isMultiple(of: 4) {
                        let file = try await place.publish(try place.distinct("old-phone.3gp", "\(number)")).file
                        try await watch.add(file)
                    }
                    try await place.daemon { daemon in
                        // The instant itself is what is tried.
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...900)))
                        daemon.signal(SIGKILL)
                        #expect(await daemon.result().status == -SIGKILL)
                    }
                }
                try await place.untilIdle()
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }
}

/// Each step on each database. The databases go side by side: these are most of the time that the tests of this module take.
@Suite(.serialized) struct CrashOnSQLiteTests {
    @Test(arguments: CrashTests.steps) func deathAtAStepLosesNothing(step: Failpoint) async throws {
        try await CrashTests.expectDeathLosesNothing(at: step, .sqlite)
    }
}

@Suite(.serialized, .enabled(if: Workplace.databases.contains(.mariadb))) struct CrashOnMariaDBTests {
    @Test(arguments: CrashTests.steps) func deathAtAStepLosesNothing(step: Failpoint) async throws {
        try await CrashTests.expectDeathLosesNothing(at: step, .mariadb)
    }
}

@Suite(.serialized, .enabled(if: Workplace.databases.contains(.postgresql))) struct CrashOnPostgreSQLTests {
    @Test(arguments: CrashTests.steps) func deathAtAStepLosesNothing(step: Failpoint) async throws {
        try await CrashTests.expectDeathLosesNothing(at: step, .postgresql)
    }
}

extension Workplace {
    /// A copy of a film that is like no other: a box that holds nothing but a name goes behind it.
    func distinct(_ media: String, _ name: String) throws -> String {
        var bytes = try Data(contentsOf: URL(filePath: Built.media + "/" + media))
        let content = Data(name.utf8)
        bytes += [0, 0, 0, UInt8(content.count + 8)] + Data("free".utf8) + content
        let path = "\(folder)/\(name)-" + (media.split(separator: "/").last.map(String.init) ?? media)
        try bytes.write(to: URL(filePath: path))
        return path
    }

    /// Runs a daemon that dies at a step.
    func die(at step: Failpoint, after passes: Int = 0) async throws {
        let result = try await Program.run(
            Built.folder + "/dying-daemon", ["--config", config, "--at", step.rawValue, "--after", "\(passes)"])
        #expect(result.status == -SIGKILL, "it came past \(step.rawValue): \(result.errors)")
    }

    /// Every file on the disk is named by a row.
    func expectNothingUnreferenced() async throws {
        var named: Set<String> = []
        for expectation in try site.expectations() {
            let row = try await site.file(expectation.upload.id)
            named.formUnion([row.path, row.originalPath, row.posterPath].compactMap(\.self))
        }
        #expect(Set(site.storedFiles()).subtracting(named) == [], "nobody names these")
    }
}
