import Foundation
import SQL

/// Facts about a site for its administrator, from its database.
extension Site {
    /// Configurations with which Fresns rewrites the URLs of our files.
    public func handlePositions() async throws -> [String] {
        var set: [String] = []
        for key in ["video_transcode_handle_position", "video_poster_handle_position", "audio_transcode_handle_position"]
        where try await configuration(key) != nil { set.append(key) }
        return set
    }

    /// How far the database's clock is ahead of ours, in seconds, within the duration of the query.
    public func clockDifference() async throws -> Double {
        let sql: Query = "SELECT \(schema.dialect.milliseconds) AS now"
        let before = Date()
        let theirs = try await database.read { session in try session.query(sql).first?.int("now") }
        let ours = before.addingTimeInterval(Date().timeIntervalSince(before) / 2)
        return theirs.map { Double($0) / 1000 - ours.timeIntervalSince1970 } ?? 0
    }

    /// How far in the future, in seconds, the last upload is according to the application's time zone; 0 if it is
    /// not. More than a little means that the application uses another zone.
    public func uploadsAhead() async throws -> Double {
        guard schema.files.contains("created_at") else { return 0 }
        // The last by ID: an index finds it.
        let sql: Query = "SELECT created_at FROM \(schema.table("files")) ORDER BY id DESC LIMIT 1"
        let text = try await database.read { session in try session.query(sql).first?.text("created_at") }
        guard let moment = text.flatMap({ clock.moment($0) }) else { return 0 }
        return max(0, moment.timeIntervalSince(clock.now))
    }

    /// Whether the `cache` table of the `database` store exists; true if another store is used.
    public func hasCacheTable() async throws -> Bool {
        guard case .table(let name, _) = settings.cache else { return true }
        return try await database.columns(of: schema.prefix + name) != nil
    }
}
