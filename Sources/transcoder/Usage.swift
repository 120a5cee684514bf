internal import ArgumentParser
internal import Platform

/// Usage errors that ArgumentParser accepts, or reports without a hint.
enum Usage {
    /// Throws a `UsageError` for an unknown command, and for a repeated option: ArgumentParser would use only the last.
    static func check(_ arguments: [String]) throws(UsageError) {
        let words = arguments.prefix { $0 != "--" }
        let isHelp = words.first == "help"
        if let command = words.dropFirst(isHelp ? 1 : 0).first, !command.hasPrefix("-"), !(commands + ["help"]).contains(command) {
            throw UsageError(noSuch(command))
        }
        if let number = words.first(where: { $0.hasPrefix("-") && Int($0) != nil }) {
            throw UsageError("“\(number)” is negative: ids and limits are positive numbers.")
        }
        var seen: Set<Substring> = []
        for (index, word) in words.enumerated() where word.hasPrefix("-") && word != "-" {
            let name = word.prefix { $0 != "=" }
            // An option in the place of its own value: the parser says what is missing.
            if index > 0, words[index - 1] == word, !word.contains("=") { continue }
            guard seen.insert(long[name] ?? name).inserted else { throw UsageError("\(name) is given more than once; pass it once.") }
        }
    }

    private static let long: [Substring: Substring] = ["-c": "--config", "-o": "--output"]

    private static var commands: [String] { Transcoder.configuration.subcommands.compactMap { $0.configuration.commandName } }

    private static func noSuch(_ command: String) -> String {
        let near = commands.map { (name: $0, distance: $0.editDistance(to: command)) }.filter { $0.distance <= 2 }.min { $0.distance < $1.distance }
        let guess = near.map { " Did you mean “\($0.name)”?" } ?? ""
        return "Unknown command “\(command)”.\(guess) “transcoder --help” lists all commands."
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
