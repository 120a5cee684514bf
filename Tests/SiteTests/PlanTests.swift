import Foundation
import Jobs
import SQL
import SiteFixture
import Synchronization
import Testing

@testable import Site

/// What a daemon asks while it has nothing to do is answered by indexes: it costs the same however much the site has gathered.
@Suite struct PlanTests {
    @Test(arguments: TestSite.databases)
    func nothingThatIsAskedWhenIdleGoesThroughATable(database: SQLDialect) async throws {
        let test = try await TestSite(.init(database: database))
        try await test.fixture.load(Ballast(done: 30_000, drafts: 3000, images: 10_000))
        let recorder = RecordingDatabase(test.site.database)
        let site = try Site(
            settings: test.site.settings, schema: test.site.schema, database: recorder,
            clock: SiteClock(timeZone: test.site.settings.timeZone))
        var scanner = QueueScanner()
        scanner.leastRest = .seconds(86_400)
        #expect(try await scanner.waiting(on: site, limit: 100, since: nil).isEmpty)
        recorder.forget()

        #expect(try await scanner.waiting(on: site, limit: 100, since: nil).isEmpty)
        #expect(try await site.waiting(among: [1, 2, 5000]).isEmpty)
        #expect(try await site.nextRetry() == nil)
        #expect(try await site.counts(waiting: 0) == SiteCounts(waiting: 0, running: 0, retrying: 0, failed: 0))
        #expect(try await site.retrying(limit: 10).isEmpty)
        #expect(try await site.list(.failed, limit: 10).isEmpty)
        #expect(try await site.reclaimLost(isAlive: { _ in true }, thisHost: "here").isEmpty)
        #expect(try await site.leftovers(limit: 200).isEmpty)
        #expect(try await site.freshlyWritten(limit: 1).isEmpty)
        #expect(try await site.elsewhere() == [])
        #expect(try await site.duplicates(of: 1, in: .disk, sourceSize: 7, fingerprint: "r", limit: 8).isEmpty)
        let claim = Claim(fileID: 1, token: 2, path: "a", attempt: 1)
        #expect(try await site.doubtful(among: [claim]) == [claim])
        let schema = site.schema
        #expect(try await recorder.read { try schema.isPlayed("videos/nothing", $0) } == false)

        let statements = recorder.statements
        #expect(statements.count > 12)
        for statement in statements {
            let plan = try await Self.plan(statement, test.site.database)
            #expect(plan.scans.isEmpty, "\(statement.text(for: database))\n\(plan.text)")
        }
    }

    /// A plan, and those of its lines that say that a whole table or index is read.
    private static func plan(_ query: Query, _ database: any SQLDatabase) async throws -> (text: String, scans: [String]) {
        let explain: Query = database.dialect == .sqlite ? "EXPLAIN QUERY PLAN" : "EXPLAIN"
        let rows = try await database.read { try $0.query("\(explain) \(query)") }
        // An empty table is read as a whole by whoever plans well.
        let tables = ["files", "file_usages", "transcoder_jobs"].map { "fs_\($0)" } + ["f", "u", "j"]
        switch database.dialect {
        case .sqlite:
            let lines = rows.compactMap { $0.text("detail") }
            return (lines.joined(separator: "\n"), lines.filter { line in tables.contains { line.hasPrefix("SCAN \($0)") && !line.hasPrefix("SCAN found") } })
        case .mariadb:
            let lines = rows.map { row in
                ["table", "type", "key", "rows", "Extra"].map { row.text($0) ?? row.int($0).map(String.init) ?? "-" }
            }
            let scans = lines.filter { tables.contains($0[0]) && ["ALL", "index"].contains($0[1]) }
            return (lines.map { $0.joined(separator: " ") }.joined(separator: "\n"), scans.map { $0.joined(separator: " ") })
        case .postgresql:
            let lines = rows.compactMap { $0.text("QUERY PLAN") }
            return (lines.joined(separator: "\n"), lines.filter { line in tables.contains { line.contains("Seq Scan on \($0) ") } })
        }
    }
}

/// Passes everything on, and remembers what was asked.
private final class RecordingDatabase: SQLDatabase {
    private let database: any SQLDatabase
    private let asked = Mutex<[Query]>([])

    init(_ database: any SQLDatabase) { self.database = database }

    var dialect: SQLDialect { database.dialect }
    var statements: [Query] { asked.withLock(\.self) }
    func forget() { asked.withLock { $0 = [] } }

    fileprivate func remember(_ query: Query) { asked.withLock { $0.append(query) } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await database.read { try body(RecordingSession(session: $0, recorder: self)) }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await database.write { try body(RecordingSession(session: $0, recorder: self)) }
    }

    func columns(of table: String) async throws -> [SQLColumn]? { try await database.columns(of: table) }
    func tables() async throws -> Set<String> { try await database.tables() }
    func indexes() async throws -> Set<String> { try await database.indexes() }
    func close() async { await database.close() }
}

private struct RecordingSession: SQLSession {
    let session: any SQLSession
    let recorder: RecordingDatabase

    func query(_ query: Query) throws(SQLError) -> [SQLRow] {
        recorder.remember(query)
        return try session.query(query)
    }

    func execute(_ query: Query) throws(SQLError) -> Int {
        recorder.remember(query)
        return try session.execute(query)
    }
}
