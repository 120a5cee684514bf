import Foundation
import SQL
import SiteFixture
import Testing

/// Somebody who plays the site's films all the while: at every look the row must name a whole file.
actor SiteWatch {
    private let site: FixtureSite
    private var sources: [Int64: Data] = [:]
    private var kinds: [Int64: FileKind] = [:]
    private var seen: [Int64: [String]] = [:]
    private var looks = 0
    private var faults: [String] = []
    private var watching: Task<Void, any Error>?

    private init(_ site: FixtureSite) {
        self.site = site
    }

    /// Watches while `body` runs, then expects no fault. From now on the database counts how often each file comes to
    /// its end.
    static func over(_ site: FixtureSite, _ body: @Sendable (SiteWatch) async throws -> Void) async throws {
        try await site.database.write { session in
            for statement in countingEnds(site) { try session.execute(statement) }
        }
        let watch = SiteWatch(site)
        await watch.begin()
        do {
            try await body(watch)
        } catch {
            await watch.stop()
            throw error
        }
        await watch.stop()
        try await watch.expectNoFault()
    }

    static func countingEnds(_ site: FixtureSite) -> [Query] {
        let (files, ends) = (site.table("files"), site.table("ends"))
        let table: Query = "create table \(ends) (file_id bigint, state integer)"
        let insert: Query = "insert into \(ends) values (new.id, new.transcoding_state);"
        switch site.settings.database {
        case .sqlite:
            return [
                table,
                """
                create trigger ends after update of transcoding_state on \(files) when new.transcoding_state in (3, 4)
                begin \(insert) end
                """,
            ]
        case .mariadb:
            // Its triggers know no columns: a row that is touched otherwise does not come to its end.
            return [
                table,
                """
                create trigger ends after update on \(files) for each row
                if new.transcoding_state in (3, 4) and new.transcoding_state <> old.transcoding_state then \(insert) end if
                """,
            ]
        case .postgresql:
            return [
                table,
                "create function count_end() returns trigger language plpgsql as 'begin \(insert) return null; end'",
                """
                create trigger ends after update of transcoding_state on \(files) for each row
                when (new.transcoding_state in (3, 4)) execute function count_end()
                """,
            ]
        }
    }

    private func begin() {
        watching = Task {
            while !Task.isCancelled {
                try await look()
                // Between looks, so that the others get the processor too.
                try await Task.sleep(for: .milliseconds(site.settings.bucket == nil ? 5 : 50))
            }
        }
    }

    private func stop() async {
        watching?.cancel()
        _ = await watching?.result
    }

    /// To be called when the file has just been uploaded.
    func add(_ upload: Upload) throws {
        sources[upload.id] = try site.content(upload.path, of: upload.kind)
        kinds[upload.id] = upload.kind
    }

    private func look() async throws {
        for (id, source) in sources {
            let row = try await site.file(id)
            let bytes = try site.content(row.path, of: kinds[id] ?? .video)
            looks += 1
            if seen[id]?.last != row.path { seen[id, default: []].append(row.path) }
            if let bytes, bytes == source || Self.isWholeMovie(bytes) { continue }
            faults.append("file \(id): \(row.path) is \(bytes.map { "\($0.count) bytes of no film" } ?? "not there")")
        }
    }

    /// Boxes from end to end, the index among them.
    private static func isWholeMovie(_ bytes: Data) -> Bool {
        var offset = 0
        var types: Set<String> = []
        while offset + 8 <= bytes.count {
            let size = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard size >= 8 else { return false }
            types.insert(String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self))
            offset += size
        }
        return offset == bytes.count && types.isSuperset(of: ["ftyp", "moov", "mdat"])
    }

    private func expectNoFault() async throws {
        #expect(faults.isEmpty, "\(faults)")
        #expect(looks > 0)
        let ends = site.table("ends")
        for id in sources.keys {
            let count = try await site.database.read { session in
                try session.query("select * from \(ends) where file_id = \(id)").count
            }
            #expect(count == 1, "file \(id) came to its end \(count) times")
            // The upload, and then the result; nothing else, and never back.
            #expect((seen[id]?.count ?? 0) <= 2, "file \(id) was played from \(seen[id] ?? [])")
        }
    }
}
