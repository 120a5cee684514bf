import Foundation
public import SQL
import Synchronization
import Verdicts

/// One Fresns site: its files as a queue, and writing the results back. May be used from any task.
///
/// Every method that writes is one short transaction; no lock is held between calls. Methods throw an `SQLError`
/// unless documented otherwise. Finding, claiming and write-back are in separate files.
public final class Site: Sendable {
    public let settings: SiteSettings
    /// The current tables: an update of the site may change them at runtime.
    public var schema: SiteSchema { watched.schema }
    /// The open connection, not shared.
    public var database: any SQLDatabase { watched }
    let watched: SiteDatabase
    let clock: SiteClock
    let unreadable = Mutex<Set<UnreadableValue>>([])
    let overdue = Mutex<[Int64: WatchedLease]>([:])
    let chosenLanguage = Mutex<Language?>(nil)

    init(settings: SiteSettings, database: SiteDatabase, clock: SiteClock) {
        self.settings = settings
        watched = database
        self.clock = clock
    }

    convenience init(settings: SiteSettings, schema: SiteSchema, database: any SQLDatabase, clock: SiteClock) {
        self.init(settings: settings, database: SiteDatabase(database, schema: schema, name: settings.database.name), clock: clock)
    }

    /// No retry is further ahead than this: a later time was written by another clock, and counts as due.
    public func set(longestWait: Duration) { watched.set(longestWait: longestWait) }

    /// Database incidents since it was opened.
    public var incidents: DatabaseIncidents { watched.incidents }

    /// Opens the site's database and reads its schema. Throws `SiteError` if it is missing or not Fresns'.
    public static func open(_ settings: SiteSettings) async throws -> Site {
        try await open(settings, now: { Date() })
    }

    static func open(_ settings: SiteSettings, now: @escaping @Sendable () -> Date) async throws -> Site {
        let clock = try SiteClock(timeZone: settings.timeZone, current: now)
        let database = try await settings.database.open()
        do {
            var schema = try await SiteSchema.read(
                from: database, prefix: settings.prefix, databaseName: settings.database.name)
            schema.hasEndpoint = settings.hasEndpoint
            return Site(settings: settings, schema: schema, database: database, clock: clock)
        } catch {
            await database.close()
            throw error
        }
    }

    /// Waits for running statements. Every later call throws.
    public func close() async { await database.close() }

    /// The current time as the site's tables store it: without a time zone, in the application's zone.
    public func now() -> String { clock.text(clock.now) }

    /// Writes to our table, and undoes it: an error that would prevent the first claim shows at once. The table must exist.
    public func checkWritable() async throws {
        let insert: Query = "INSERT INTO \(schema.jobs) (file_id) VALUES (-1)"
        let remove: Query = "DELETE FROM \(schema.jobs) WHERE file_id = -1"
        try await database.write { session in
            try session.execute(remove)
            try session.execute(insert)
            try session.execute(remove)
        }
    }

    /// Whether files can be claimed, tested without writing anything: it deletes a row that does not exist. Throws if the database is
    /// unreachable, locked, read-only, or denies access.
    public func checkClaimable() async throws {
        let remove: Query = "DELETE FROM \(schema.jobs) WHERE file_id = -1"
        try await database.write { session in try session.execute(remove) }
    }

    /// Creates our table and indexes if they are missing; required before searching for work. From then on, the table is
    /// created again if a restore removes it.
    ///
    /// - Parameter dryRun: only return what would be done.
    /// - Returns: the statements that were needed, in order.
    public func prepare(dryRun: Bool = false) async throws -> [String] {
        let statements = try await JobTable.prepare(schema, watched.base, dryRun: dryRun)
        if !dryRun { watched.keepTable() }
        return statements.map { $0.text(for: schema.dialect) }
    }

    /// A value of the site's `configs` table; nil if it is missing, NULL or empty.
    public func configuration(_ key: String) async throws -> String? {
        guard schema.hasConfigs else { return nil }
        let sql: Query = "SELECT item_value FROM \(schema.table("configs")) WHERE item_key = \(key)"
        let value = try await database.read { session in try session.query(sql).first?.text("item_value") }
        return value?.isEmpty == true ? nil : value
    }
}
