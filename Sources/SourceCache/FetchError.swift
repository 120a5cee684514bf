/// Why a source could not be served. Its description is a sentence for people.
public enum FetchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The caller left.
    case cancelled
    /// The folder cannot be used.
    case folder(String, why: String)
    case noSpace(need: Int64)
    /// More than is allowed.
    case tooLarge(limit: Int64)
    /// The address is not of http or https.
    case badAddress(String)
    /// The server's answer.
    case refused(status: Int)
    /// What arrived is not what was announced.
    case broken(why: String)

    public var description: String {
        switch self {
        case .cancelled: "The download was ended."
        case .folder(let path, let why): "The cache's folder \(path) cannot be used: \(why)."
        case .noSpace(let need): "There is no space for a copy of \(need) bytes."
        case .tooLarge(let limit): "The source is larger than \(limit) bytes."
        case .badAddress(let text): "“\(text)” is not an address that begins with http:// or https://."
        case .refused(let status): status == 404 || status == 410 ? "The server does not have the source (\(status))." : "The server did not send the source (\(status))."
        case .broken(let why): "The source arrived damaged: \(why)."
        }
    }
}
