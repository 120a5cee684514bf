internal import Glibc

/// Work files with the content of an already published file.
extension LocalDisk {
    /// Gives a published file a second, hidden name, to be published like a work file. Nil if that is not possible: the owner
    /// or mode differs from the source's, because all names of a file share them; another file system; no
    /// permission, or too many links.
    public func linkWork(
        named path: String, to published: SourceObject, like source: SourceObject
    ) throws(ObjectError) -> WorkObject? {
        guard published.owner == source.owner, published.mode == source.mode, published.isOurs else { return nil }
        let path = try ObjectPath(path)
        return try WorkObject.link(published, in: try Folder.open(disk: root).folder(path.folder), path: path)
    }

    /// Copies a published file into a new work file; blocks are shared if the file system can.
    public func copyWork(
        named path: String, of published: SourceObject, onPart: () -> Void = {}
    ) throws(ObjectError) -> WorkObject {
        let work = try makeWork(named: path)
        try FileCopy.copy(from: published.descriptor, to: work.descriptor, path: path, onPart: onPart)
        return work
    }
}
