internal import Glibc

/// Work files that have the bytes of what is published already.
extension LocalDisk {
    /// Gives a published file a second, hidden name, to be published as a work file is. Nil where that may not be: the owner
    /// or the mode are others than the source's, for one file has one of each under all its names; another file system; no
    /// right to, or too many names.
    public func linkWork(
        named path: String, to published: SourceObject, like source: SourceObject
    ) throws(ObjectError) -> WorkObject? {
        guard published.owner == source.owner, published.mode == source.mode, published.isOurs else { return nil }
        let path = try ObjectPath(path)
        return try WorkObject.link(published, in: try Folder.open(disk: root).folder(path.folder), path: path)
    }

    /// Copies a published file into a new work file; the blocks are shared where the file system can.
    public func copyWork(
        named path: String, of published: SourceObject, onPart: () -> Void = {}
    ) throws(ObjectError) -> WorkObject {
        let work = try makeWork(named: path)
        try FileCopy.copy(from: published.descriptor, to: work.descriptor, path: path, onPart: onPart)
        return work
    }
}
