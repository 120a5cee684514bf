internal import FoundationEssentials
internal import Verdicts

/// The pages in a language: their HTML with its texts filled in, and the texts for their scripts.
enum DashboardPage {
    /// - Parameter template: HTML with `{{name}}` for each text, and `{{language}}` for the language's tag.
    static func filled(_ template: [UInt8], in language: Language) -> [UInt8] {
        var html = String(decoding: template, as: UTF8.self).replacing("{{language}}", with: language.rawValue)
        for text in DashboardText.allCases where html.contains("{{\(text.rawValue)}}") {
            html = html.replacing("{{\(text.rawValue)}}", with: escaped(text.text(in: language)))
        }
        return Array(html.utf8)
    }

    static func script(in language: Language) -> [UInt8] {
        let texts = Dictionary(uniqueKeysWithValues: DashboardText.allCases.map { ($0.rawValue, $0.text(in: language)) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(texts)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return Array("\"use strict\";\nconst language = \"\(language.rawValue)\", texts = \(json);\n".utf8)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
