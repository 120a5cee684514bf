import Foundation
import SQL

/// The names under which tries of one job may have left files, each with the token of its try: column `work_names`.
struct RecordedNames: Sendable, Equatable {
    struct Entry: Sendable, Equatable, Codable {
        var token: Int64
        var name: String
        /// Who may yet make a file of this name, as `Owner.text`. A name is forgotten when nobody can any more.
        var owner: String?
        /// Milliseconds by the database's clock.
        var at: Int64?
    }

    private(set) var entries: [Entry] = []

    init() {}

    /// Nil for a text that does not read as ours: what it named is not known, and not to be forgotten by writing over it.
    init?(json: String?) {
        guard let json else { return }
        guard let entries = try? JSONDecoder().decode([Entry].self, from: Data(json.utf8)) else { return nil }
        self.entries = entries
    }

    mutating func add(_ names: [String], token: Int64, owner: String? = nil, at moment: Int64? = nil) {
        entries.removeAll { names.contains($0.name) }
        entries += names.map { Entry(token: token, name: $0, owner: owner, at: moment) }
    }

    mutating func remove(where isGone: (Entry) -> Bool) { entries.removeAll(where: isGone) }

    /// What the column is set to: NULL when nothing is left, so that the clean are passed over cheaply.
    var value: SQLValue {
        guard !entries.isEmpty, let json = try? JSONEncoder().encode(entries) else { return .null }
        return .text(String(decoding: json, as: UTF8.self))
    }
}
