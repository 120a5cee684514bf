internal import Yams

/// What is wrong with a YAML text, and where, without quoting the text: it may hold a password.
struct YAMLFault: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        description =
            switch error as? YamlError {
            case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _): Self.sentence(problem, mark)
            case .composer(_, _, let mark, _): Self.sentence("it uses an undefined alias", mark)
            case .reader(let problem, _, _, _): "\(problem)."
            case .duplicatedKeysInMapping(let keys, let context):
                Self.sentence("\(keys.first(where: Self.words.contains) ?? "a key") is set twice", context.mark)
            default: "it is not valid YAML."
            }
    }

    /// The words that keys consist of: unknown keys are not shown, they may be secrets.
    private static let words = Set(
        (ConfigurationKeys.all.map(\.name) + ConfigurationKeys.limits.map(\.name) + ConfigurationKeys.profile.map(\.name))
            .flatMap { $0.split(separator: ".").map(String.init) })

    /// The problems named by the scanner and the parser are fixed strings of libyaml.
    private static func sentence(_ problem: String, _ mark: Mark) -> String { "line \(mark.line), column \(mark.column): \(problem)." }
}
