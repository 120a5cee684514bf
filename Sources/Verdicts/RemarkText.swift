extension Collection<Remark> {
    /// All remarks as one text of at most `SentenceLimit.characters`, whole sentences in order; nil if there are none.
    public func text(in language: Language) -> String? {
        let limit = SentenceLimit.characters
        var sentences: [String] = []
        for remark in self {
            let sentence = SentenceLimit.cut(remark.sentence(in: language))
            if !sentence.isEmpty, !sentences.contains(sentence) { sentences.append(sentence) }
        }
        guard let first = sentences.first else { return nil }
        return sentences.dropFirst().reduce(first) { text, next in
            let longer = text + language.space + next
            return longer.unicodeScalars.count <= limit ? longer : text
        }
    }
}
