import FoundationEssentials
import Testing
@testable import Worker

/// The example is the documentation: it must be the table, and must be right.
@Suite struct ConfigurationExampleTests {
    static let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        + "/config/transcoder.example.yaml"

    @Test func theFileIsMadeFromTheTable() throws {
        if ProcessInfo.processInfo.environment["WRITE_EXAMPLE"] != nil {
            try ConfigurationExample.text().write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        let file = try String(contentsOfFile: Self.path, encoding: .utf8)
        #expect(
            file == ConfigurationExample.text(),
            "config/transcoder.example.yaml is out of date: WRITE_EXAMPLE=1 swift test --filter ConfigurationExampleTests")
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
