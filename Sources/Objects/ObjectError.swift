internal import Glibc

/// Why an object could not be read, written or moved. Its description is a sentence for people.
public enum ObjectError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The path is not one that the site could have written: absolute, empty, or with “..”.
    case badPath(String)
    case missing(String)
    case noFolder(String)
    /// It exists, but is not a regular file: a folder, a symbolic link, a device …
    case notRegular(String, kind: String)
    /// The name to publish under is taken.
    case exists(String)
    case noSpace(String)
    /// Permission denied.
    case denied(String, call: String)
    /// The disk is unavailable: its root or scratch folder cannot be opened. Says nothing about any file on it.
    case unavailable(String, why: String)
    /// A bucket that cannot be reached, or does not let us in. Says nothing about any object in it.
    case unreachable(String, why: String)
    /// The caller ended the call.
    case cancelled(String)
    /// Any other failed call.
    case io(String, call: String, code: CInt)

    public var description: String {
        switch self {
        case .badPath(let path): "The path “\(path)” leads outside the site's storage folder."
        case .missing(let path): "There is no file “\(path)”."
        case .noFolder(let path): "There is no folder “\(path)”."
        case .notRegular(let path, let kind): "“\(path)” is \(kind), not a file."
        case .exists(let path): "“\(path)” already exists."
        case .noSpace(let path): "The disk has no space left for “\(path)”."
        case .denied(let path, let call): "Permission denied for “\(path)” (\(call))."
        case .unavailable(let path, let why): "The storage folder “\(path)” cannot be opened: \(why)."
        case .unreachable(let store, let why): "The bucket \(store) cannot be used: \(why)"
        case .cancelled(let path): "The work on “\(path)” was ended."
        case .io(let path, let call, let code): "\(call) failed for “\(path)”: \(String(cString: strerror(code)))."
        }
    }

    /// Whether the machine is at fault, not the file: no descriptor, memory or thread was left,
    /// or a mounted disk does not respond.
    public var isOfMachine: Bool {
        guard case .io(_, _, let code) = self else { return false }
        return [EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS, ESTALE, ENODEV, ENOTCONN, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH].contains(code)
    }

    /// Maps a failed call's errno.
    public init(_ path: String, call: String, code: CInt) {
        self =
            switch code {
            case ENOENT, ENOTDIR: .missing(path)
            case ELOOP: .notRegular(path, kind: "reached by a symbolic link")
            case ENXIO: .notRegular(path, kind: "a socket or device")
            case EXDEV: .badPath(path)
            case EEXIST: .exists(path)
            case ENOSPC, EDQUOT: .noSpace(path)
            case EACCES, EPERM, EROFS: .denied(path, call: call)
            default: .io(path, call: call, code: code)
            }
    }
}
