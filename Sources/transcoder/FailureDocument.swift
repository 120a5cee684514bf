internal import Jobs

/// What `convert --json` tells where it failed.
struct FailureDocument: Encodable {
    struct Failure: Encodable {
        /// As in the site's jobs: "not-media", "crashed".
        var code: String
        var reason: String
        /// For whoever looks into it.
        var detail: String
    }

    var failure: Failure

    init(_ verdict: Verdict) {
        failure = Failure(code: verdict.code.rawValue, reason: verdict.reason, detail: verdict.detail)
    }
}
