import Foundation

/// Parses `SHOW GRANTS` of MariaDB or MySQL for the current user. The lines contain a hash of the password, and never leave here.
struct MariaDBGrants {
    private struct Grant {
        var verbs: Set<String>
        /// nil: all of them.
        var database: String?
        var table: String?

        var isOfAll: Bool { verbs.contains("ALL PRIVILEGES") || verbs.contains("ALL") }

        func covers(_ verb: String, _ database: String, _ table: String) -> Bool {
            (isOfAll || verbs.contains(verb)) && (self.database.map { Self.matches($0, database) } ?? true)
                && (self.table ?? table) == table
        }

        /// A database name in a grant is a pattern: `_` and `%`, unless escaped by a backslash.
        static func matches(_ pattern: String, _ name: String) -> Bool {
            func match(_ pattern: Substring, _ name: Substring) -> Bool {
                guard let first = pattern.first else { return name.isEmpty }
                let rest = pattern.dropFirst()
                switch first {
                case "\\" where !rest.isEmpty: return name.first == rest.first && match(rest.dropFirst(), name.dropFirst())
                case "_": return !name.isEmpty && match(rest, name.dropFirst())
                case "%": return match(rest, name) || (!name.isEmpty && match(pattern, name.dropFirst()))
                default: return name.first == first && match(rest, name.dropFirst())
                }
            }
            return match(pattern[...], name[...])
        }
    }

    private var grants: [Grant] = []
    private var mayGrant = false

    init(lines: [String]) {
        for line in lines { read(line) }
    }

    func report(_ needed: [NeededRight], database: String) -> RightsReport {
        var report = RightsReport()
        for right in needed {
            for verb in NeededRight.Verb.allCases {
                let isThere = grants.contains { $0.covers(verb.rawValue, database, right.table) }
                if right.verbs.contains(verb), !isThere { report.missing.append("\(verb.rawValue) on \(right.table)") }
                // Grants on a whole database are reported once, below.
                let isGiven = grants.contains { $0.table == right.table && $0.covers(verb.rawValue, database, right.table) }
                if !right.verbs.contains(verb), isGiven { report.surplus.append("\(verb.rawValue) on \(right.table)") }
            }
        }
        for grant in grants where grant.table == nil {
            let place = grant.database.map { _ in "the whole database \(database)" } ?? "every database"
            guard grant.database.map({ Grant.matches($0, database) }) ?? true else { continue }
            let verbs = grant.verbs.subtracting(["USAGE"]).sorted()
            if !verbs.isEmpty { report.surplus.append("\(verbs.joined(separator: ", ")) on \(place)") }
        }
        if mayGrant { report.surplus.append("GRANT OPTION") }
        return report
    }

    /// ``GRANT SELECT, UPDATE (`path`) ON `db`.`table` TO …``: a right to some columns is not the required right.
    private mutating func read(_ line: String) {
        guard line.hasPrefix("GRANT "), let on = line.range(of: " ON "), let to = line.range(of: " TO ", range: on.upperBound..<line.endIndex)
        else { return }
        var verbs: Set<String> = []
        for verb in Self.split(line[line.index(line.startIndex, offsetBy: 6)..<on.lowerBound], at: ",") where !verb.contains("(") {
            verbs.insert(verb.trimmed)
        }
        var place = Self.split(line[on.upperBound..<to.lowerBound], at: ".")
        if place.count == 2, place[0].hasPrefix("TABLE ") { place[0].removeFirst(6) }
        guard place.count == 2 else { return }
        let names = place.map { $0 == "*" ? nil : $0.trimmed.unquoted }
        grants.append(Grant(verbs: verbs, database: names[0], table: names[1]))
        if line.hasSuffix("WITH GRANT OPTION") { mayGrant = true }
    }

    /// Neither inside backticks nor inside parentheses.
    private static func split(_ text: Substring, at separator: Character) -> [String] {
        var parts = [""]
        var (isQuoted, depth) = (false, 0)
        for character in text {
            if character == "`" { isQuoted.toggle() }
            if !isQuoted { depth += character == "(" ? 1 : character == ")" ? -1 : 0 }
            if character == separator, !isQuoted, depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    fileprivate var unquoted: String {
        count >= 2 && first == "`" && last == "`" ? String(dropFirst().dropLast()).replacing("``", with: "`") : self
    }
}
