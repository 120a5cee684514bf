import FoundationEssentials
import Testing
@testable import WorkerConfiguration

/// The example is the documentation: it must be the table, and must be right.
@Suite struct ConfigurationExampleTests {
    static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

    @Test(arguments: [
        ("config/transcoder.example.yaml", ConfigurationExample.text()), ("man/transcoder.yaml.5", ConfigurationManual.text()),
        ("docs/configuration.md", ConfigurationReference.text()),
    ])
    func theFileIsMadeFromTheTable(path: String, text: String) throws {
        let file = "\(Self.root)/\(path)"
        if ProcessInfo.processInfo.environment["WRITE_EXAMPLE"] != nil {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        }
        #expect(
            try String(contentsOfFile: file, encoding: .utf8) == text,
            "\(path) is out of date: WRITE_EXAMPLE=1 swift test --filter ConfigurationExampleTests")
    }

    @Test func theReferenceHasEveryKey() {
        let text = ConfigurationReference.text()
        for key in ConfigurationKeys.all { #expect(text.contains("| `\(key.name)` | ")) }
    }

    @Test func asItStandsItSaysNothing() throws {
        #expect(try Configuration.parse(ConfigurationExample.text()) == Configuration())
    }

    @Test func itsDefaultsAreTheDefaults() throws {
        let lines = ConfigurationExample.text().split(separator: "\n", omittingEmptySubsequences: false)
        // Prose has a blank behind its mark; a key, at whatever depth, has the blanks of its depth and then its name.
        let keys = lines.filter { $0.hasPrefix("#") }.map { $0.dropFirst() }.filter { line in
            let words = line.drop { $0 == " " }
            let isIndented = (line.count - words.count) % 2 == 0
            return isIndented && words.prefix { $0.isLetter || $0 == "_" }.endIndex < words.endIndex
                && words[words.prefix { $0.isLetter || $0 == "_" }.endIndex] == ":"
        }
        let names = ConfigurationKeys.all.count + ConfigurationKeys.limits.count + ConfigurationKeys.profile.count
        #expect(keys.count >= names)
        #expect(try Configuration.parse(keys.joined(separator: "\n")) == Configuration())
    }
}
