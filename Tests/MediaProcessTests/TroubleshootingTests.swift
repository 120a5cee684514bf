import Foundation
import Jobs
import MediaWire
import Testing
import Verdicts
@testable import MediaProcess


/// docs/troubleshooting.md has every code, with its meaning, its cause and what to do, and none that does not exist.
@Suite struct TroubleshootingTests {
    private static let page: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: root.appending(path: "docs/troubleshooting.md"), encoding: .utf8)) ?? ""
    }()

    /// The parts under headings that are a code, by code.
    private static let entries: [String: String] = {
        var entries: [String: String] = [:]
        for part in page.components(separatedBy: "\n### ").dropFirst() {
            guard part.hasPrefix("`"), let end = part.dropFirst().firstIndex(of: "`") else { continue }
            let text = part.components(separatedBy: "\n## ")[0]
            entries[String(part[part.index(after: part.startIndex)..<end])] = text
        }
        return entries
    }()

    @Test(arguments: Verdict.Code.allCases) func everyCodeHasItsEntry(code: Verdict.Code) throws {
        let entry = try #require(Self.entries[code.rawValue], "docs/troubleshooting.md lacks \(code.rawValue)")
        for word in ["**Meaning:**", "**Cause:**", "**Do:**"] { #expect(entry.contains(word), "\(code.rawValue) lacks \(word)") }
        #expect(entry.contains("Tried again") == code.isTransient, "\(code.rawValue)")
    }

    @Test func noneIsMadeUp() {
        #expect(Set(Self.entries.keys) == Set(Verdict.Code.allCases.map(\.rawValue)))
    }
}
