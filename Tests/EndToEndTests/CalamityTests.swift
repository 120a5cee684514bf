import Foundation
import Glibc
import Jobs
import SQL
import SiteFixture
import Testing

/// What befalls a machine short of dying: a disk that is full or fails, a database that is held, a process that freezes.
@Suite(.serialized)
struct CalamityTests {
    @Test(arguments: Workplace.databases)
    func aDiskThatFailsToSyncPublishesNothing(database: SQLDialect) async throws {
        try await Workplace.use(database, configuration: "retry:\n  first_wait: 1h\nlog_level: error") { place in
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish("old-phone.3gp").file
                try await watch.add(file)
                // Of each thread the first one: the job’s own, for SQLite uses another call. The tracer is the child, so that signals reach the daemon.
                let daemon = try Program(
                    "strace",
                    ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1",
                     Built.transcoder, "daemon", "--config", place.config])
                try await until("the try has failed") { try await place.job(file.id)?.text("code") == "io" }
                daemon.signal(SIGTERM)
                _ = await daemon.result()
                let row = try await place.site.file(file.id)
                #expect(row.state == 1 && row.path == file.path)
                #expect(place.site.storedFiles() == [file.path], "what was not durable is gone")

                let result = try await place.run("run", "--id", "\(file.id)")
                #expect(result.status == 0, "\(result.errors)")
            }
            try await place.expectAllInOrder()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount a small disk"))
    func aFullDiskIsWaitedOut() async throws {
        let film = try await LongFilm.shared.path(seconds: 30)
        let configuration = "reserve: 0\npoll: 500ms\nretry:\n  first_wait: 200ms\n  attempts: 100"
        try await Workplace.use(configuration: configuration) { place in
            let disk = place.site.storagePath
            guard mount("tmpfs", disk, "tmpfs", 0, "size=128m,mode=755") == 0 else {
                Issue.record("a small disk cannot be mounted: \(String(cString: strerror(errno)))")
                return
            }
            defer { umount2(disk, CInt(MNT_DETACH)) }
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish(film).file
                try await watch.add(file)
                try await place.daemon { daemon in
                    // There was room when it began, and it writes already: somebody else takes it.
                    try await until("its work file grows") {
                        place.site.hiddenFiles().contains { name in
                            (try? FileManager.default.attributesOfItem(atPath: disk + "/" + name)[.size] as? Int) ?? 0 > 0
                        }
                    }
                    let ballast = disk + "/ballast"
                    Self.fill(ballast)
                    try await until("the disk is full") { try await place.job(file.id)?.text("code") == "disk-full" }
                    try await until("nothing is left of the try") { place.site.hiddenFiles().isEmpty }
                    #expect(unlink(ballast) == 0)
                    try await until("it is done", within: .seconds(600)) { try await place.site.file(file.id).state == 3 }
                    try await stop(daemon)
                }
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// Writes until the disk takes no more.
    private static func fill(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        for size in [1 << 20, 4096] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, size) > 0 {}
        }
    }

    @Test func aDatabaseThatIsLockedForHalfAMinuteIsWaitedFor() async throws {
        try await Workplace.use { place in
            try await SiteWatch.over(place.site) { watch in
                let file = try await place.publish("old-phone.3gp").file
                try await watch.add(file)
                try await place.daemon("--until-idle") { daemon in
                    try await until("its work file is there") { !place.site.hiddenFiles().isEmpty }
                    // Another program, so that nobody here waits for its lock.
                    let lock = try await Program.run(
                        "sqlite3",
                        ["-cmd", ".timeout 10000", place.site.databasePath, "BEGIN IMMEDIATE;", ".shell sleep 30", "COMMIT;"])
                    #expect(lock.status == 0, "\(lock.errors)")
                    let result = await daemon.result()
                    #expect(result.status == 0, "\(result.errors)")
                }
                #expect(try await place.job(file.id)?.int("attempts") == 1, "nothing was done twice")
            }
            try await place.expectAllInOrder()
            try await place.expectNothingUnreferenced()
        }
    }

    /// Frozen past its lease, overtaken, and thawed: what it brings is refused, and removed.
    @Test(arguments: [Failpoint.claimed, .workFilesMade, .childEnded, .publicNamesRecorded, .outputNamed, .posterPublished], Workplace.databases)
    func aFrozenDaemonIsOvertakenAndRefused(step: Failpoint, database: SQLDialect) async throws {
        // Now and then a lock of the database is frozen with it: then nobody else gets at the rows, and there is nothing to see.
        for _ in 0..<5 where try await Self.isOvertaken(frozenAt: step, database) { return }
        Issue.record("it never froze without the database")
    }

    /// False where the database was frozen too.
    private static func isOvertaken(frozenAt step: Failpoint, _ database: SQLDialect) async throws -> Bool {
        do {
            try await Workplace.use(database, configuration: "lease: 1s\npoll: 1s") { place in
                // Made before anybody is frozen: to make a trigger one waits for all who are reading.
                try await SiteWatch.over(place.site) { watch in
                    let file = try await place.publish("old-phone.3gp").file
                    try await watch.add(file)
                    let frozen = try Program(
                        Built.folder + "/dying-daemon", ["--config", place.config, "--at", step.rawValue, "--fate", "freeze"])
                    try await until("it is frozen") { try ProcessState.isStopped(frozen.processID) }
                    guard try await isFree(file, in: place, database) else {
                        frozen.signal(SIGKILL)
                        frozen.signal(SIGCONT)
                        _ = await frozen.result()
                        throw FrozenDatabase()
                    }
                    try await place.untilIdle()
                    let row = try await place.site.file(file.id)
                    #expect(row.state == 3)
                    let token = try await place.job(file.id)?.int("token")

                    frozen.signal(SIGCONT)
                    let result = await frozen.result()
                    #expect(result.status == 0, "\(result.errors)")
                    #expect(try await place.site.file(file.id) == row, "the row is the second's")
                    #expect(try await place.job(file.id)?.int("token") == token)
                    #expect(try await place.job(file.id)?.text("work_names") == nil, "and nothing is left to remember")
                }
                try await place.expectAllInOrder()
                try await place.expectNothingUnreferenced()
            }
            return true
        } catch is FrozenDatabase {
            return false
        }
    }

    private struct FrozenDatabase: Error {}

    /// Whether nobody holds a lock on the file's rows: in SQLite, on anything, for one who reads keeps others from committing.
    private static func isFree(_ file: Upload, in place: Workplace, _ database: SQLDialect) async throws -> Bool {
        if database == .sqlite {
            return try await Program.run("sqlite3", [place.site.databasePath, "BEGIN EXCLUSIVE; ROLLBACK;"]).status == 0
        }
        let busy: Query =
            database == .mariadb
            ? "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()"
            : "SELECT 1 FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND state = 'active' AND pid <> pg_backend_pid()"
        try await until("the server has done what it was sent") {
            try await place.site.database.read { try $0.query(busy).isEmpty }
        }
        let rows: [(Query, Query)] = [(place.site.table("files"), "id"), (place.site.table("transcoder_jobs"), "file_id")]
        do {
            try await place.site.database.write { session in
                for (table, column) in rows {
                    _ = try session.query("SELECT \(column) FROM \(table) WHERE \(column) = \(file.id) FOR UPDATE NOWAIT")
                }
            }
            return true
        } catch let error as SQLError where error.code == .busy {
            return false
        }
    }

    /// The bytes, the name, the folder, and only then the row.
    @Test func theRowIsWrittenLast() async throws {
        try await Workplace.use { place in
            let file = try await place.publish("old-phone.3gp").file
            let trace = place.folder + "/trace"
            let result = try await Program.run(
                "strace",
                ["-f", "-y", "-qq", "-s", "512", "-o", trace, "-e", "trace=fsync,renameat2,unlink,write",
                 Built.transcoder, "daemon", "--until-idle", "--config", place.config])
            #expect(result.status == 0, "\(result.errors)")
            let row = try await place.site.file(file.id)
            let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map(String.init)
            let names = [row.path, try #require(row.posterPath)].map { $0.split(separator: "/").last.map(String.init)! }
            let folder = "/" + row.path.split(separator: "/").dropLast().joined(separator: "/") + ">"
            func first(after start: Int, _ matches: (String) -> Bool) -> Int {
                lines.indices.dropFirst(start + 1).first { matches(lines[$0]) } ?? Int.max
            }
            var last = -1
            for name in names {
                let named = first(after: -1) { $0.contains("renameat2(") && $0.contains("\"\(name)\"") }
                let work = try #require(named == .max ? nil : lines[named].split(separator: "\"").dropFirst().first.map(String.init))
                let durable = first(after: -1) { $0.contains("fsync(") && $0.contains("/\(work)>") }
                let kept = first(after: named) { $0.contains("fsync(") && $0.contains(folder) }
                #expect(durable < named && named < kept && kept < .max, "\(durable), \(named), \(kept)")
                last = max(last, kept)
            }
            let committed = first(after: last) { $0.contains("unlink(") && $0.contains("-journal\"") }
            let told = first(after: -1) { $0.contains("write(2") && $0.contains("is done") }
            #expect(last < committed && committed < told && told < .max, "\(last), \(committed), \(told)")
        }
    }
}

/// What the kernel says of a process.
enum ProcessState {
    static func isStopped(_ pid: pid_t) throws -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
            throw FixtureError("process \(pid) is gone")
        }
        return stat.split(separator: ")").last?.split(separator: " ").first == "T"
    }
}
