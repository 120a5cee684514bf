internal import Glibc

/// A folder of this host for files without a name: copies of remote sources, and results that are not published yet.
public struct ScratchFolder: Sendable {
    public let path: String

    /// Throws if it cannot be opened as a folder.
    public init(_ path: String) throws(ObjectError) {
        self.path = path
        _ = try Folder.open(disk: path)
    }

    /// One that is made where it is missing: its parent must be there.
    public static func made(_ path: String) throws(ObjectError) -> ScratchFolder {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw ObjectError(path, call: "mkdir", code: errno) }
        return try ScratchFolder(path)
    }

    /// - Parameters:
    ///   - key: the object that it is for, for messages.
    ///   - origin: the object whose content it gets.
    public func makeWork(for key: String, origin: String? = nil) throws(ObjectError) -> WorkObject {
        try WorkObject.makeNameless(in: try Folder.open(disk: path), path: try ObjectPath(key).hidden(), origin: origin)
    }
}
