/// Why cached details could not be deleted, as a sentence. Never contains a password.
public enum CacheError: Error, Sendable, Equatable, CustomStringConvertible {
    /// - Parameter path: the file to open or remove.
    case file(path: String, why: String)
    /// The server is unreachable, closed the connection, or returned an error.
    case redis(server: String, why: String)

    public var description: String {
        switch self {
        case .file(let path, let why): "The site's cache entry \(path) cannot be deleted: \(why)."
        case .redis(let server, let why): "The site's cache in \(server) cannot be used: \(why)."
        }
    }
}
