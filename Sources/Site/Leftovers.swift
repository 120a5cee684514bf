public import Jobs
import SQL

/// Names of possible leftover files that no row plays.
public struct Leftover: Sendable, Equatable {
    public struct Name: Sendable, Equatable {
        /// Relative to the disk's root. The file may never have existed, or be removed already.
        public var path: String
        /// Who may still create a file with this name, although its claim is lost; nil if nobody can.
        public var maker: Owner?
        /// Recorded so long ago that its creator has ended.
        public var isOld: Bool
        /// Where it is, or would be.
        public var store = FileStore.disk
    }

    public var fileID: Int64
    public var names: [Name]

    public var paths: [String] { names.map(\.path) }
}

/// Finds leftovers of crashes: only through the record, which every name enters before its file is created.
extension Site {
    /// In milliseconds. A process on another host cannot be checked; one that was suspended for longer than this, has
    /// its names removed from the record, and dies before it cleans up, leaves an unknown file.
    static let longestFreeze: Int64 = 7 * 86_400_000

    /// Possible leftovers of attempts, except names that a valid claim may still use or that a row plays.
    /// The caller removes existing files, and then calls `forget` for names that cannot come back.
    ///
    /// - Parameter after: a page starts after this file.
    public func leftovers(after: Int64 = 0, limit: Int) async throws -> [Leftover] {
        let schema = schema
        let look = JobRow.query(schema, where: "work_names IS NOT NULL AND file_id > \(after) ORDER BY file_id LIMIT \(limit)")
        let clock: Query = "SELECT \(schema.dialect.milliseconds) AS now"
        return try await database.read { session in
            let now = try session.query(clock).first?.int("now") ?? 0
            let rows = try session.query(look)
            return try self.readable(rows) { row throws(UnreadableValue) in try JobRow(row, schema) }.map { job in
                let names = try job.sweepable.filter { try !schema.isPlayed($0.name, session) }
                return Leftover(
                    fileID: job.fileID,
                    names: names.map { entry in
                        Leftover.Name(
                            path: entry.name, maker: entry.owner.flatMap(Owner.init(text:)),
                            isOld: now.difference(entry.at ?? now) > Self.longestFreeze, store: entry.store ?? .disk)
                    })
            }
        }
    }

    /// Removes names from the record: their files are gone, and nobody can create them any more.
    public func forget(_ paths: [String], of fileID: Int64) async throws {
        guard !paths.isEmpty else { return }
        let schema = schema
        try await database.write { session in
            guard let job = try JobRow.read(fileID, session, schema) else { return }
            let sweepable = Set(job.sweepable.map(\.name))
            try Self.strike(paths.filter(sweepable.contains), from: job, session, schema)
        }
    }

    /// As `forget`, by the creator itself, whose claim may still be valid.
    public func withdrawn(_ paths: [String], by claim: Claim) async throws {
        guard !paths.isEmpty else { return }
        let schema = schema
        try await database.write { session in
            guard let job = try JobRow.read(claim.fileID, session, schema) else { return }
            let own = Set(job.names.entries.filter { $0.token == claim.token }.map(\.name))
            try Self.strike(paths.filter(own.contains), from: job, session, schema)
        }
    }

    private static func strike(
        _ paths: [String], from job: JobRow, _ session: any SQLSession, _ schema: SiteSchema
    ) throws {
        guard !paths.isEmpty else { return }
        var names = job.names
        names.remove { paths.contains($0.name) }
        try session.execute("UPDATE \(schema.jobs) SET work_names = \(names.value) WHERE file_id = \(job.fileID)")
    }
}

extension JobRow {
    /// A name recorded by the current claim may be about to be published; all others have no owner.
    fileprivate var sweepable: [RecordedNames.Entry] {
        names.entries.filter { !(state.isHeld && $0.token == token) }
    }
}
