public import Jobs
import SQL

/// Names under which files of ours may lie that no row plays.
public struct Leftover: Sendable, Equatable {
    public struct Name: Sendable, Equatable {
        /// Relative to the disk's root. It may never have been made, or be removed by now.
        public var path: String
        /// Who may yet make a file of this name, though its claim is lost; nil where nobody can.
        public var maker: Owner?
        /// Recorded so long ago that whoever it was has come to an end.
        public var isOld: Bool
    }

    public var fileID: Int64
    public var names: [Name]

    public var paths: [String] { names.map(\.path) }
}

/// Finding what crashes left on the disk: by the record alone, which every name enters before its file is made.
extension Site {
    /// Milliseconds. A maker on another host cannot be asked whether it lives; one that was frozen for longer than this, has
    /// its names taken from the record, and dies before it tidies up by itself, leaves a file that nobody knows.
    static let longestFreeze: Int64 = 7 * 86_400_000

    /// What tries may have left, except under names that a live claim may still be using or that a row plays.
    /// The caller removes the files, where they are there, and then calls `forget` for what cannot come back.
    ///
    /// - Parameter after: a page begins behind this file.
    public func leftovers(after: Int64 = 0, limit: Int) async throws -> [Leftover] {
        let schema = schema
        let look = JobRow.query(schema, where: "work_names IS NOT NULL AND file_id > ? ORDER BY file_id LIMIT ?")
        let clock = "SELECT \(schema.dialect.milliseconds) AS now"
        return try await database.read { session in
            let now = try session.query(clock).first?.int("now") ?? 0
            let rows = try session.query(look, [.integer(after), .int(limit)])
            return try self.readable(rows) { row throws(UnreadableValue) in try JobRow(row, schema) }.map { job in
                let names = try job.sweepable.filter { try !schema.isPlayed($0.name, session) }
                return Leftover(
                    fileID: job.fileID,
                    names: names.map { entry in
                        Leftover.Name(
                            path: entry.name, maker: entry.owner.flatMap(Owner.init(text:)),
                            isOld: now.difference(entry.at ?? now) > Self.longestFreeze)
                    })
            }
        }
    }

    /// Strikes names from the record: their files are gone, and nobody can make them any more.
    public func forget(_ paths: [String], of fileID: Int64) async throws {
        guard !paths.isEmpty else { return }
        let schema = schema
        try await database.write { session in
            guard let job = try JobRow.read(fileID, session, schema) else { return }
            let sweepable = Set(job.sweepable.map(\.name))
            try Self.strike(paths.filter(sweepable.contains), from: job, session, schema)
        }
    }

    /// As `forget`, said by the maker itself, whose claim may still hold.
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
        try session.execute(
            "UPDATE \(schema.jobs) SET work_names = ? WHERE file_id = ?", [names.value, .integer(job.fileID)])
    }
}

extension JobRow {
    /// A name recorded by the claim that is held now may be about to be published; every other one is nobody's.
    fileprivate var sweepable: [RecordedNames.Entry] {
        names.entries.filter { !(state.isHeld && $0.token == token) }
    }
}
