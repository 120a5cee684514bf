internal import Yams

/// What is wrong with a YAML text and where, without a word of the text: a password may stand there.
struct YAMLFault: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        description =
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _): Self.sentence(problem, mark)
            case .composer(_, _, let mark, _): Self.sentence("it names what it does not define", mark)
            case .reader(let problem, _, _, _): "\(problem)."
            case .duplicatedKeysInMapping(_, let context): Self.sentence("a key is given twice", context.mark)
            default: "it is none."
            }
    }

    /// The problems that the scanner and the parser name are fixed texts of libyaml's.
    private static func sentence(_ problem: String, _ mark: Mark) -> String { "line \(mark.line), column \(mark.column): \(problem)." }
}
