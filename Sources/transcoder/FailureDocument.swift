internal import Objects
internal import Verdicts
internal import WorkerConfiguration

/// The output of `convert`, `plan` and `probe` with `--json` when they fail.
struct FailureDocument: Encodable {
    struct Failure: Encodable {
        /// As in the site's jobs ("not-media", "crashed"), or of a file's name ("missing", "exists", …), "usage" or "interrupted".
        var code: String
        var reason: String
        /// Technical detail for debugging.
        var detail: String
    }

    var input: String
    var failure: Failure

    init(_ input: String, _ error: any Error, in language: Language, wasStopped: Bool) {
        self.input = input
        let detail = (error as? Verdict)?.detail ?? ""
        failure =
            wasStopped
            ? Failure(code: "interrupted", reason: "Interrupted.", detail: "")
            : Failure(code: Self.code(error), reason: ExitStatus.sentence(error, in: language), detail: detail)
    }

    private static func code(_ error: any Error) -> String {
        switch error {
        case let verdict as Verdict: verdict.code.rawValue
        case let error as ObjectError:
            switch error {
            case .missing: "missing"
            case .noFolder: "no-folder"
            case .notRegular: "not-regular"
            case .exists: "exists"
            case .noSpace: Verdict.Code.diskFull.rawValue
            case .denied: "denied"
            case .badPath, .unavailable, .unreachable, .cancelled, .io: Verdict.Code.io.rawValue
            }
        case is ConfigurationError: "usage"
        default: Verdict.Code.hostFault.rawValue
        }
    }
}
