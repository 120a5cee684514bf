/// A folder of this host for files without a name: copies of remote sources, and results that are not published yet.
public struct ScratchFolder: Sendable {
    public let path: String

    /// Throws if it cannot be opened as a folder.
    public init(_ path: String) throws(ObjectError) {
        self.path = path
        _ = try Folder.open(disk: path)
    }

    /// - Parameter key: the object that it is for, for messages.
    public func makeWork(for key: String) throws(ObjectError) -> WorkObject {
        try WorkObject.makeNameless(in: try Folder.open(disk: path), path: try ObjectPath(key).hidden())
    }
}
