internal import WorkerConfiguration

/// How a token is sent.
enum TokenScheme: Sendable {
    case bearer
    /// As a browser's password, with any user name, or as a bearer token.
    case basic

    var challenge: String { self == .bearer ? "Bearer" : "Basic realm=\"transcoder\", charset=\"UTF-8\"" }

    func shows(_ token: BearerToken, _ header: String?) -> Bool {
        token.isShown(in: header) || (self == .basic && token.isPassword(in: header))
    }
}
