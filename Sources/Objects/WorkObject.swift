internal import CLinux
internal import Glibc
internal import Synchronization

/// A file in the making: hidden, random, readable by nobody else. Owns its descriptor, and the file itself until it
/// is published: one that goes without having been published is removed.
///
/// May be handed between threads; its bytes are written by one side at a time (the media child, then the daemon).
public final class WorkObject: Sendable {
    /// Its hidden name, relative to the disk's root. In a scratch folder the file has no name at all, so that a crash
    /// leaves nothing there; this is then the name that its copy beside the target has for a moment.
    public let path: String
    /// Lent, never to be closed by the borrower. Readable, and writable unless it is a second name of another's file.
    public let descriptor: CInt
    let folder: Folder
    let hasName: Bool
    private let isOurs = Mutex(true)

    private init(adopting descriptor: CInt, folder: Folder, path: ObjectPath, hasName: Bool) {
        self.descriptor = descriptor
        self.folder = folder
        self.path = path.text
        self.hasName = hasName
    }

    deinit {
        discard()
        close(descriptor)
    }

    var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }

    /// Bytes.
    public func size() throws(ObjectError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ObjectError(path, call: "fstat", code: errno) }
        return Int64(status.st_size)
    }

    /// Empties the file, for another try.
    public func reset() throws(ObjectError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw ObjectError(path, call: "ftruncate", code: errno)
        }
    }

    /// Removes the file, unless it was published or is removed already.
    public func discard() {
        guard letGo(), hasName else { return }
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

    static func make(in folder: Folder, path: ObjectPath) throws(ObjectError) -> WorkObject {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = openat(folder.descriptor, path.name, flags, 0o600)
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "openat", code: errno) }
        return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: true)
    }

    /// A second name of a file that is there; nil where it cannot have one. Readable only: the bytes are another's too.
    static func link(_ published: SourceObject, in folder: Folder, path: ObjectPath) throws(ObjectError) -> WorkObject? {
        let descriptor = fcntl(published.descriptor, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "fcntl", code: errno) }
        // By the open file, and not by its name: the name may be another file's by now.
        guard folder.link(descriptor, as: path.name) == 0 else {
            close(descriptor)
            return nil
        }
        return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: true)
    }

    /// A file without a name, from which `Folder.link` may yet make one.
    static func makeNameless(in folder: Folder, path: ObjectPath) throws(ObjectError) -> WorkObject {
        var descriptor = clinux_open_nameless(folder.descriptor, 0o600)
        if descriptor < 0, errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL {
            // A file system that knows no nameless files knows removed ones.
            descriptor = openat(folder.descriptor, path.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if descriptor >= 0 { _ = unlinkat(folder.descriptor, path.name, 0) }
        }
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "openat", code: errno) }
        return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: false)
    }
}
