internal import WorkerConfiguration

/// The result of one of doctor's checks.
public struct Finding: Sendable, Equatable {
    public enum Grade: String, Sendable {
        case good
        /// A warning: everything works.
        case odd
        /// A problem: something does not work until it is fixed.
        case bad
    }

    /// What was checked, in a word or two.
    public let subject: String
    public let grade: Grade
    /// What was found: a sentence.
    public let text: String
    /// What to do about it: a sentence; nil if there is nothing to do.
    public let remedy: String?

    package static func good(_ subject: String, _ text: String) -> Finding {
        Finding(subject: subject, grade: .good, text: text, remedy: nil)
    }

    package static func odd(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(subject: subject, grade: .odd, text: text, remedy: remedy)
    }

    package static func bad(_ subject: String, _ text: String, remedy: String? = nil) -> Finding {
        Finding(subject: subject, grade: .bad, text: text, remedy: remedy)
    }

    /// Checks a file that holds a secret; nil if it is fine.
    static func openSecret(_ subject: String, _ path: String?) -> Finding? {
        guard let path, SecretFile.isOpenToAll(path) else { return nil }
        return .odd(
            subject, "Every user of this machine can read or change \(path).",
            remedy: "“chmod 640 \(path)”, so that only the service's user and group can.")
    }
}
