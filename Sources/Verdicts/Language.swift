/// A language in which rows tell what happened to a file.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
}

extension Failure {
    public func sentence(in language: Language) -> String {
        switch language {
        case .english: English.sentence(self)
        }
    }
}

extension Remark {
    public func sentence(in language: Language) -> String {
        switch language {
        case .english: English.sentence(self)
        }
    }
}
