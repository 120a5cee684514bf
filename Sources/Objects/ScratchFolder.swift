internal import Glibc
internal import Platform

/// A folder of this host for files without a name: copies of remote sources, and results that are not published yet.
public struct ScratchFolder: Sendable {
    public let path: String
    private let isOurs: Bool

    /// Throws if it cannot be opened as a folder.
    public init(_ path: String) throws(ObjectError) {
        self.path = path
        isOurs = false
        _ = try Folder.open(disk: path)
    }

    /// One that is made when it is needed first, and the folder around it, by whoever needs it.
    public init(ours path: String) {
        self.path = path
        isOurs = true
    }

    /// - Parameters:
    ///   - key: the object that it is for, for messages.
    ///   - origin: the object whose content it gets.
    public func makeWork(for key: String, origin: String? = nil) throws(ObjectError) -> WorkObject {
        let name = try ObjectPath(key).hidden()
        if isOurs {
            for folder in [path.parentFolder, path] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
                throw .unavailable(folder, why: String(cString: strerror(errno)))
            }
        }
        return try WorkObject.makeNameless(in: try Folder.open(disk: path), path: name, origin: origin)
    }
}
