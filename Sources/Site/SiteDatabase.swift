public import Foundation
public import SQL
import Synchronization

/// Incidents of a site's database while it was open.
public struct DatabaseIncidents: Sendable, Equatable {
    /// SQLite's file was replaced by another one.
    public var replacement: SQLiteDatabase.Replacement?
    /// Our table was missing, and was created again.
    public var tableMadeAt: Date?
    /// The columns changed, and were read again.
    public var columnsChangedAt: Date?

    /// Each as a sentence for people.
    public var sentences: [String] {
        func moment(_ date: Date) -> String { date.formatted(.iso8601) }
        var all: [String] = []
        if let replacement {
            all.append("The database file was replaced at \(moment(replacement.at)), and the new one is in use.")
            if replacement.isTorn {
                all.append("It was replaced during a write: check it with PRAGMA integrity_check.")
            }
        }
        if let tableMadeAt { all.append("The job table was missing at \(moment(tableMadeAt)) and was created again: the history of jobs is lost.") }
        if let columnsChangedAt { all.append("The database's columns changed at \(moment(columnsChangedAt)) and were read again.") }
        return all
    }
}

/// A site's database, which may be restored, updated or emptied at any time: its file may be
/// replaced, its columns changed, our table gone. Then the schema is read again, our table is created again, and a transaction whose
/// statements were built for the old schema fails with `.gone`, to be retried with new ones.
final class SiteDatabase: SQLDatabase {
    let base: any SQLDatabase
    let dialect: SQLDialect
    private let name: String
    private let state: Mutex<State>

    private struct State {
        var schema: SiteSchema
        var incidents = DatabaseIncidents()
        /// The file of the current schema, by the number of replacements before it.
        var generation = 0
        /// Our table existed, or was created, for work: from now on it must exist.
        var keepsTable = false
    }

    init(_ base: any SQLDatabase, schema: SiteSchema, name: String) {
        self.base = base
        self.name = name
        dialect = base.dialect
        state = Mutex(State(schema: schema))
    }

    var schema: SiteSchema { state.withLock { $0.schema } }

    var incidents: DatabaseIncidents {
        var incidents = state.withLock { $0.incidents }
        incidents.replacement = (base as? SQLiteDatabase)?.replacement
        return incidents
    }

    func set(longestWait: Duration) { state.withLock { $0.schema.longestWait = max(1000, longestWait.inMilliseconds) } }

    func keepTable() { state.withLock { $0.keepsTable = true } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await watching { try await self.base.read(body) }
    }

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any SQLSession) throws -> T) async throws -> T {
        try await watching { try await self.base.write(body) }
    }

    func define(_ definition: Query) async throws { try await base.define(definition) }
    func columns(of table: String) async throws -> [SQLColumn]? { try await base.columns(of: table) }
    func tables() async throws -> Set<String> { try await base.tables() }
    func indexes() async throws -> Set<String> { try await base.indexes() }
    func close() async { await base.close() }

    private func watching<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        if let file = base as? SQLiteDatabase {
            try await file.refresh()
            let count = file.replacement?.count ?? 0
            if count != state.withLock({ $0.generation }) {
                try await look()
                state.withLock { $0.generation = count }
            }
        }
        do {
            return try await work()
        } catch let error as SQLError where error.code == .noTable || error.code == .statement {
            guard try await look() else { throw error }
            return try await work()
        }
    }

    /// Checks whether the tables changed. True: our table was missing and was created again. Throws if existing statements
    /// are no longer valid.
    @discardableResult
    private func look() async throws -> Bool {
        let (known, keepsTable) = state.withLock { ($0.schema, $0.keepsTable) }
        let found: SiteSchema
        do {
            found = try await SiteSchema.read(from: base, prefix: known.prefix, databaseName: name, longestWait: known.longestWait)
        } catch let error as SiteError {
            // Perhaps a restore that is still running.
            throw SQLError(.gone, "the site's tables are missing: \(error)")
        }
        if found != known {
            state.withLock {
                $0.schema = found
                $0.incidents.columnsChangedAt = Date()
            }
        }
        let columns = try await base.columns(of: found.prefix + JobTable.name)
        let isMissing = keepsTable && !JobTable.statements(for: found, existing: columns).isEmpty
        if isMissing {
            do {
                _ = try await JobTable.prepare(found, base)
            } catch let error as SQLError where !error.isTransient {
                throw SQLError(error.code, "\(found.prefix)\(JobTable.name) is missing and cannot be created (“transcoder init” creates it): \(error.message)")
            }
            state.withLock { $0.incidents.tableMadeAt = Date() }
        }
        if found != known { throw SQLError(.gone, "its columns changed") }
        return isMissing
    }
}
