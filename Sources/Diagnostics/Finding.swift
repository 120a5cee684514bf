internal import WorkerConfiguration

/// One thing that the doctor looked at.
public struct Finding: Sendable, Equatable {
    public enum Grade: String, Sendable {
        case good
        /// Everything works, and something should be known.
        case odd
        /// Nothing, or not everything, works until it is mended.
        case bad
    }

    /// What was looked at, in a word or two.
    public let subject: String
    public let grade: Grade
    /// What was found: a sentence.
    public let text: String
    /// What to do about it: a sentence; nil where there is nothing to do.
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

    /// About a file with a secret in it; nil where there is nothing to object to.
    static func openSecret(_ subject: String, _ path: String?) -> Finding? {
        guard let path, SecretFile.isOpenToAll(path) else { return nil }
        return .odd(
            subject, "\(path) may be read or changed by every user of this machine.",
            remedy: "“chmod 640 \(path)”: it is for the service's user and group alone.")
    }
}
