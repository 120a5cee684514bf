internal import WorkerConfiguration

/// How a token is shown.
enum TokenScheme: Sendable {
    case bearer
    /// As a browser asks for it: the password, whatever the name; or as a bearer.
    case basic

    var challenge: String { self == .bearer ? "Bearer" : "Basic realm=\"transcoder\", charset=\"UTF-8\"" }

    func shows(_ token: BearerToken, _ header: String?) -> Bool {
        token.isShown(in: header) || (self == .basic && token.isPassword(in: header))
    }
}
