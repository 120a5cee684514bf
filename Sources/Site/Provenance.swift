public import Jobs
import SQL

/// The source and recipe of a published output: the same of both gives the same output.
public struct Provenance: Sendable, Equatable {
    /// Of the source; lower-case hexadecimal.
    public var sourceSHA256: String
    /// In bytes.
    public var sourceSize: Int64
    /// A hash of everything that determines the result of a source; lower-case hexadecimal.
    public var fingerprint: String

    public init(sourceSHA256: String, sourceSize: Int64, fingerprint: String) {
        self.sourceSHA256 = sourceSHA256
        self.sourceSize = sourceSize
        self.fingerprint = fingerprint
    }
}

/// A finished file that plays our output, with its provenance.
public struct FinishedDuplicate: Sendable, Equatable {
    public var file: MediaFile
    public var provenance: Provenance
    /// Our poster, if the row still names it.
    public var posterPath: String?
}

extension Site {
    /// Finished files with the same source size and recipe, the latest first. The caller checks whether their sources
    /// are identical.
    ///
    /// - Parameter fileID: the file to find duplicates of.
    public func duplicates(of fileID: Int64, in store: FileStore, sourceSize: Int64, fingerprint: String, limit: Int) async throws -> [FinishedDuplicate] {
        let sql: Query = """
            SELECT \(schema.fileColumns), j.source_sha AS source_sha, j.poster_path AS our_poster FROM \(schema.jobs) j \
            JOIN \(schema.table("files")) f ON f.id = j.file_id WHERE j.source_size = \(sourceSize) \
            AND j.recipe = \(fingerprint) AND COALESCE(j.store, 'disk') = \(store.rawValue) AND \(schema.isIn(store, "f")) \
            AND j.state = 'done' AND j.file_id <> \(fileID) AND f.path = j.output_path \
            AND f.transcoding_state = 3 AND \(schema.isAlive("f")) ORDER BY j.file_id DESC LIMIT \(limit)
            """
        let rows = try await database.read { session in try session.query(sql) }
        let table = schema.prefix + "files"
        return readable(rows.filter { !$0["source_sha"].isNull }) { row throws(UnreadableValue) in
            let job = StrictRow(row, table: schema.prefix + JobTable.name, key: "id")
            let (file, sha) = (try MediaFile(row, table: table), try job.text("source_sha") ?? "")
            return FinishedDuplicate(
                file: file, provenance: Provenance(sourceSHA256: sha, sourceSize: sourceSize, fingerprint: fingerprint),
                posterPath: try job.text("our_poster").flatMap { $0 == file.posterPath ? $0 : nil })
        }
    }
}
