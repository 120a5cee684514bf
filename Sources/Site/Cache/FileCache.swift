import CLinux
import Glibc

/// Laravel's file store: `aa/bb/aabb…`, named by the SHA-1 of the key. Its calls block.
public struct FileCache: Sendable {
    let folder: String

    public init(folder: String) {
        self.folder = folder
    }

    /// Removes existing entries, and returns their number. The folder is configured, and may be a link; below
    /// it, no link is followed.
    @discardableResult
    public func drop(_ entries: [CachedEntry]) throws(CacheError) -> Int {
        let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else {
            if errno == ENOENT { return 0 }  // Nothing was ever cached.
            throw .file(path: folder, why: String(cString: strerror(errno)))
        }
        defer { close(root) }
        var dropped = 0
        for entry in entries where try drop(entry, beneath: root) { dropped += 1 }
        return dropped
    }

    private func drop(_ cached: CachedEntry, beneath root: CInt) throws(CacheError) -> Bool {
        let entry = cached.file
        var code = CInt(0)
        let descriptor = clinux_open_beneath(root, entry.folder, O_RDONLY | O_DIRECTORY, 0)
        if descriptor >= 0 {
            if unlinkat(descriptor, entry.name, 0) != 0 { code = errno }
            close(descriptor)
        } else {
            code = errno
        }
        if code == 0 { return true }
        if code == ENOENT { return false }
        let why = code == ELOOP ? "a symbolic link is in the way" : String(cString: strerror(code))
        throw .file(path: "\(folder)/\(entry.folder)/\(entry.name)", why: why)
    }
}
