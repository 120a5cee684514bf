internal import Glibc

/// Work files with the content of an already published file.
extension LocalDisk {
    public func duplicate(
        _ path: String, named name: String?, like source: SourceObject, mayLink: Bool, onStep: () -> Bool = { true }
    ) throws(ObjectError) -> WorkObject {
        let published = try openSource(path)
        if mayLink, let name, let work = try link(published, named: name, like: source) { return work }
        let work = try makeWork(named: name, for: source.path)
        try FileCopy.copy(from: published.descriptor, to: work.descriptor, path: path, onPart: onStep)
        return work
    }

    /// A second, hidden name. Nil if that is not possible: the owner or mode differs from the source's, because all names of a file
    /// share them; another file system; no permission, or too many links.
    private func link(_ published: SourceObject, named name: String, like source: SourceObject) throws(ObjectError) -> WorkObject? {
        guard published.owner == source.owner, published.mode == source.mode, published.isOurs else { return nil }
        let path = try ObjectPath(name)
        return try WorkObject.link(published, in: try Folder.open(disk: root).folder(path.folder), path: path)
    }
}
