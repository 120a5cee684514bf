internal import ArgumentParser

/// What ArgumentParser lets pass, or tells with no way out.
enum Usage {
    /// Throws a `UsageError` for a command that there is not, and for an option that is given twice: only the last would count.
    static func check(_ arguments: [String]) throws(UsageError) {
        let words = arguments.prefix { $0 != "--" }
        let isHelp = words.first == "help"
        if let command = words.dropFirst(isHelp ? 1 : 0).first, !command.hasPrefix("-"), !(commands + ["help"]).contains(command) {
            throw UsageError(noSuch(command))
        }
        var seen: Set<Substring> = []
        for word in words where word.hasPrefix("-") && word != "-" {
            let name = word.prefix { $0 != "=" }
            guard seen.insert(name).inserted else { throw UsageError("\(name) is given twice: say it once.") }
        }
    }

    private static var commands: [String] { Transcoder.configuration.subcommands.compactMap { $0.configuration.commandName } }

    private static func noSuch(_ command: String) -> String {
        let near = commands.map { (name: $0, distance: distance($0, command)) }.filter { $0.distance <= 2 }.min { $0.distance < $1.distance }
        let guess = near.map { " Did you mean “\($0.name)”?" } ?? ""
        return "There is no command “\(command)”.\(guess) “transcoder --help” names them all."
    }

    /// How many letters must be put in, left out or changed (Levenshtein).
    static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other)
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var next = [index + 1]
            for (column, rival) in other.enumerated() {
                next.append(min(row[column] + (letter == rival ? 0 : 1), row[column + 1] + 1, next[column] + 1))
            }
            row = next
        }
        return row[other.count]
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
