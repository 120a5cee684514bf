import Foundation
import SiteFixture
import Testing

/// What the commands tell of themselves.
@Suite struct HelpTests {
    /// Each has an example of its own command with options that there are, and says what its exit code means.
    @Test func everyCommandHasAnExample() async throws {
        let overview = try await help("--help")
        #expect(overview.contains("Exit codes: 0") && overview.contains("Examples:\n  transcoder init"), "\(overview)")
        let commands = try commands(in: overview)
        #expect(commands.count >= 12 && commands.contains("doctor"), "\(commands)")
        for command in commands {
            let text = try await help(command, "--help")
            #expect(try await help("help", command) == text)
            let (discussion, usage) = try #require(text.split("\nUSAGE: "), "\(text)")
            let examples = discussion.split(separator: "\n").compactMap { String($0).split("transcoder \(command)")?.1 }
            #expect(!examples.isEmpty && discussion.contains("Example"), "\(command) has no example: \(text)")
            for option in examples.joined(separator: " ").split(separator: " ") where option.hasPrefix("-") {
                #expect(usage.contains("\(option) ") || usage.contains("\(option),"), "\(command): an example has \(option): \(text)")
            }
            // Wherever the line is broken.
            #expect(discussion.split(separator: /\s+/).joined(separator: " ").contains("xits with "), "\(command) says nothing of its exit code: \(text)")
        }
    }

    /// The README's table, the manual page and the help say the same of exit codes.
    @Test func exitCodesAreTheSameEverywhere() async throws {
        let readme = try String(contentsOfFile: Built.packageRoot + "/README.md", encoding: .utf8)
        let manual = try String(contentsOfFile: Built.packageRoot + "/man/transcoder.1.more", encoding: .utf8)
        let overview = try await help("--help")
        for code in ["0", "1", "2", "75"] {
            #expect(readme.contains("| \(code) | "))
            #expect(manual.contains(".It \(code)\n"))
            #expect(overview.contains("\(code) "))
        }
    }

    private func commands(in overview: String) throws -> [String] {
        let (_, list) = try #require(overview.split("\nSUBCOMMANDS:\n"))
        return list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.hasPrefix("  See") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    private func help(_ arguments: String...) async throws -> String {
        let result = try await Program.run(Built.transcoder, arguments)
        #expect(result.status == 0 && result.errors.isEmpty, "\(arguments): \(result.errors)")
        return result.output
    }
}

extension String {
    fileprivate func split(_ separator: String) -> (String, String)? {
        range(of: separator).map { (String(self[..<$0.lowerBound]), String(self[$0.upperBound...])) }
    }
}
