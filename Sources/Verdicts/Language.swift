/// A language in which rows tell what happened to a file. Its raw value is its tag in Fresns (BCP 47).
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case simplifiedChinese = "zh-Hans"
    case traditionalChinese = "zh-Hant"

    /// The closest one to a site's language: any kind of Chinese is one of the two, everything else English.
    public init(closestTo tag: String) {
        let parts = tag.lowercased().split { $0 == "-" || $0 == "_" }
        let isTraditional = parts.contains { ["hant", "tw", "hk", "mo"].contains($0) } && !parts.contains("hans")
        self = parts.first == "zh" ? (isTraditional ? .traditionalChinese : .simplifiedChinese) : .english
    }

    /// Between two sentences.
    var space: String {
        switch self {
        case .english: " "
        case .simplifiedChinese, .traditionalChinese: ""
        }
    }
}

extension Failure {
    public func sentence(in language: Language) -> String {
        switch language {
        case .english: English.sentence(self)
        case .simplifiedChinese: SimplifiedChinese.sentence(self)
        case .traditionalChinese: TraditionalChinese.sentence(self)
        }
    }
}

extension Remark {
    public func sentence(in language: Language) -> String {
        switch language {
        case .english: English.sentence(self)
        case .simplifiedChinese: SimplifiedChinese.sentence(self)
        case .traditionalChinese: TraditionalChinese.sentence(self)
        }
    }
}
