import Foundation
public import SQL
import Synchronization

/// One Fresns site: its files as work, and the writing back of what became of them. May be used from any task.
///
/// Every method that writes is one short transaction; no lock is held between calls. What a method throws is an `SQLError`
/// unless it says otherwise. Work is found, claimed and written back in files of their own beside this one.
public final class Site: Sendable {
    public let settings: SiteSettings
    /// As the tables are now: an update of the site may change them while we run.
    public var schema: SiteSchema { watched.schema }
    /// The open connection: shared with nobody else.
    public var database: any SQLDatabase { watched }
    let watched: SiteDatabase
    let clock: SiteClock
    let unreadable = Mutex<Set<UnreadableValue>>([])
    let overdue = Mutex<[Int64: ExpiredLease]>([:])

    init(settings: SiteSettings, database: SiteDatabase, clock: SiteClock) {
        self.settings = settings
        watched = database
        self.clock = clock
    }

    convenience init(settings: SiteSettings, schema: SiteSchema, database: any SQLDatabase, clock: SiteClock) {
        self.init(settings: settings, database: SiteDatabase(database, schema: schema, name: settings.database.name), clock: clock)
    }

    /// No try that waits lies further ahead than this: a moment that is later was written by another clock, and has come.
    public func set(longestWait: Duration) { watched.set(longestWait: longestWait) }

    /// What befell the database since it was opened.
    public var incidents: DatabaseIncidents { watched.incidents }

    /// Opens the site's database and looks at its tables. Throws `SiteError` where it is missing or is not Fresns'.
    public static func open(_ settings: SiteSettings) async throws -> Site {
        try await open(settings, now: { Date() })
    }

    static func open(_ settings: SiteSettings, now: @escaping @Sendable () -> Date) async throws -> Site {
        let clock = try SiteClock(timeZone: settings.timeZone, current: now)
        let database = try await settings.database.open()
        do {
            let schema = try await SiteSchema.read(
                from: database, prefix: settings.prefix, databaseName: settings.database.name)
            return Site(settings: settings, schema: schema, database: database, clock: clock)
        } catch {
            await database.close()
            throw error
        }
    }

    /// Waits for running statements. Every later call throws.
    public func close() async { await database.close() }

    /// The present moment as the site's tables write it: naive, in the application's time zone.
    public func now() -> String { clock.text(clock.now) }

    /// Writes into our table, and takes it back: what would refuse the first claim is told at once. The table must be there.
    public func checkWritable() async throws {
        let insert = "INSERT INTO \(schema.jobs) (file_id) VALUES (-1)"
        let remove = "DELETE FROM \(schema.jobs) WHERE file_id = -1"
        try await database.write { session in
            try session.execute(remove, [])
            try session.execute(insert, [])
            try session.execute(remove, [])
        }
    }

    /// Whether files can be claimed, asked without writing anything: what is removed is not there. Throws where the database is out
    /// of reach, locked, read-only, or refuses us.
    public func checkClaimable() async throws {
        let remove = "DELETE FROM \(schema.jobs) WHERE file_id = -1"
        try await database.write { session in try session.execute(remove) }
    }

    /// Creates our table and indexes where they are missing; the table must be there before any work is looked for. It is made
    /// again from then on, where it goes away with a restore.
    ///
    /// - Parameter dryRun: only tell what would be done.
    /// - Returns: the statements that were needed, in order.
    public func prepare(dryRun: Bool = false) async throws -> [String] {
        let statements = try await JobTable.prepare(schema, watched.base, dryRun: dryRun)
        if !dryRun { watched.keepTable() }
        return statements
    }

    /// A value of the site's `configs` table; nil where it is absent, NULL or empty.
    public func configuration(_ key: String) async throws -> String? {
        guard schema.hasConfigs else { return nil }
        let sql = "SELECT item_value FROM \(schema.table("configs")) WHERE item_key = ?"
        let value = try await database.read { session in
            try session.query(sql, [.text(key)]).first?.text("item_value")
        }
        return value?.isEmpty == true ? nil : value
    }
}
