/// Why cached details could not be dropped, as a sentence. Never holds a password.
public enum CacheError: Error, Sendable, Equatable, CustomStringConvertible {
    /// - Parameter path: what was to be opened or removed.
    case file(path: String, why: String)
    /// The server cannot be reached, breaks off, or says no.
    case redis(server: String, why: String)

    public var description: String {
        switch self {
        case .file(let path, let why): "The site's cache entry \(path) cannot be deleted: \(why)."
        case .redis(let server, let why): "The site's cache in \(server) cannot be used: \(why)."
        }
    }
}
