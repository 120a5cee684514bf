internal import Glibc
internal import Synchronization

/// A file in the making: hidden, random, readable by nobody else. Owns its descriptor, and the file itself until it
/// is published: one that goes without having been published is removed.
///
/// May be handed between threads; its bytes are written by one side at a time (the media child, then the daemon).
public final class WorkObject: Sendable {
    /// Relative to the disk's root, or within `scratch` where `isScratch`.
    public let path: String
    public let isScratch: Bool
    /// Lent, never to be closed by the borrower. Readable and writable.
    public let descriptor: CInt
    let folder: Folder
    let name: String
    private let isOurs = Mutex(true)

    init(adopting descriptor: CInt, folder: Folder, name: String, path: String, isScratch: Bool) {
        self.descriptor = descriptor
        self.folder = folder
        self.name = name
        self.path = path
        self.isScratch = isScratch
    }

    deinit {
        discard()
        close(descriptor)
    }

    /// Bytes.
    public func size() throws(ObjectError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ObjectError(path, call: "fstat", code: errno) }
        return Int64(status.st_size)
    }

    /// Removes the file, unless it was published or is removed already.
    public func discard() {
        guard letGo() else { return }
        // Nothing is to be done where this fails: the sweep removes what is left of ours.
        _ = unlinkat(folder.descriptor, name, 0)
    }

    /// The name is somebody else's from now on; false where it was already.
    @discardableResult
    func letGo() -> Bool {
        isOurs.withLock { isOurs in
            defer { isOurs = false }
            return isOurs
        }
    }

    static func make(in folder: Folder, path: ObjectPath, isScratch: Bool = false) throws(ObjectError) -> WorkObject {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = openat(folder.descriptor, path.name, flags, 0o600)
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "openat", code: errno) }
        return WorkObject(
            adopting: descriptor, folder: folder, name: path.name, path: path.text, isScratch: isScratch)
    }
}
