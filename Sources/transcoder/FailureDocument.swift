internal import Verdicts

/// The output of `convert --json` when it fails.
struct FailureDocument: Encodable {
    struct Failure: Encodable {
        /// As in the site's jobs: "not-media", "crashed".
        var code: String
        var reason: String
        /// Technical detail for debugging.
        var detail: String
    }

    var failure: Failure

    init(_ verdict: Verdict) {
        failure = Failure(code: verdict.code.rawValue, reason: verdict.reason, detail: verdict.detail)
    }
}
