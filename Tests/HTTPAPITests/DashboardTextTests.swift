import Foundation
import Testing
import Verdicts
@testable import HTTPAPI

/// The dashboard's texts are complete: each language has all of them, with the same values, and the pages ask for no others.
@Suite struct DashboardTextTests {
    private static let scripts = [PackageResources.page_js, PackageResources.dashboard_js, PackageResources.file_js].map { String(decoding: $0, as: UTF8.self) }
    private static let pages = [PackageResources.dashboard_html, PackageResources.file_html].map { String(decoding: $0, as: UTF8.self) }

    private func values(_ text: String) -> Set<String> { Set(text.matches(of: #/\{(\w+)\}/#).map { String($0.1) }) }

    @Test(arguments: DashboardText.allCases)
    func eachTextHasTheSameValuesInEachLanguage(text: DashboardText) {
        let english = text.text(in: .english)
        for language in Language.allCases {
            let translated = text.text(in: language)
            #expect(!translated.isEmpty && values(translated) == values(english), "\(text) in \(language)")
            // What may stay as it is has no words of its own.
            let isNeutral = ["runningOf"].contains("\(text)")
            #expect(language == .english || isNeutral || translated != english, "\(text) is not translated to \(language)")
            #expect(language == .english || isNeutral || translated.contains { ("\u{4E00}"..."\u{9FFF}").contains($0) }, "\(text) in \(language)")
        }
    }

    /// Names that the scripts put together: of phases and states.
    private static let composed = Set(DashboardText.allCases.map { "\($0)" }.filter { $0.hasPrefix("phase") || $0.hasSuffix("State") })

    @Test func thePagesUseEachTextAndNoOther() {
        let names = Set(DashboardText.allCases.map { "\($0)" })
        var used: Set<String> = []
        for page in Self.pages { used.formUnion(page.matches(of: #/\{\{(\w+)\}\}/#).map { String($0.1) }) }
        #expect(used.subtracting(names) == ["language"])
        for script in Self.scripts {
            let asked = Set(script.matches(of: #/\bt\("(\w+)"/#).map { String($0.1) })
            #expect(asked.isSubset(of: names), "\(asked.subtracting(names))")
            // Also as a word of a table or a choice: `["attempts", …]`, `t(isEarly ? "retryNow" : "retry")`.
            used.formUnion(script.matches(of: #/"(\w+)"/#).map { String($0.1) })
        }
        used.formUnion(["post", "comment"])
        #expect(names.subtracting(used).subtracting(Self.composed) == [], "texts that nothing shows")
    }

    @Test(arguments: Language.allCases)
    func aPageIsFilledWhole(language: Language) throws {
        for template in [PackageResources.dashboard_html, PackageResources.file_html] {
            let page = String(decoding: DashboardPage.filled(template, in: language), as: UTF8.self)
            #expect(!page.contains("{{") && page.contains("<html lang=\"\(language.rawValue)\">"))
        }
        let script = String(decoding: DashboardPage.script(in: language), as: UTF8.self)
        let json = try #require(script.components(separatedBy: "texts = ").last?.dropLast(2))
        let texts = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        #expect(texts.count == DashboardText.allCases.count && texts["retry"] == DashboardText.retry.text(in: language))
    }
}
