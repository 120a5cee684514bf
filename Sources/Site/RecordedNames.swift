import Foundation
import Jobs
import SQL

/// The names under which attempts of one job may have left files, each with its attempt's token: column `work_names`.
struct RecordedNames: Sendable, Equatable {
    struct Entry: Sendable, Equatable, Codable {
        var token: Int64
        var name: String
        /// Who may still create a file with this name, as `Owner.text`. A name is removed when nobody can any more.
        var owner: String?
        /// Milliseconds by the database's clock.
        var at: Int64?
        /// Nil for the disk.
        var store: FileStore?
    }

    private(set) var entries: [Entry] = []

    init() {}

    /// Nil for invalid text: its names are unknown, and must not be lost by overwriting it.
    init?(json: String?) {
        guard let json else { return }
        guard let entries = try? JSONDecoder().decode([Entry].self, from: Data(json.utf8)) else { return nil }
        self.entries = entries
    }

    mutating func add(_ names: [String], token: Int64, owner: String? = nil, at moment: Int64? = nil, store: FileStore = .disk) {
        entries.removeAll { names.contains($0.name) }
        entries += names.map { Entry(token: token, name: $0, owner: owner, at: moment, store: store == .disk ? nil : store) }
    }

    mutating func remove(where isGone: (Entry) -> Bool) { entries.removeAll(where: isGone) }

    /// The value of the column: NULL when empty, so that the index skips it.
    var value: SQLValue {
        guard !entries.isEmpty, let json = try? JSONEncoder().encode(entries) else { return .null }
        return .text(String(decoding: json, as: UTF8.self))
    }
}
