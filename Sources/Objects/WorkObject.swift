internal import CLinux
internal import Glibc
internal import Synchronization

/// A temporary file: hidden, random, readable for nobody else. Owns its descriptor, and the file itself until it
/// is published: otherwise the file is removed with it.
///
/// May be passed between threads; one side at a time writes its bytes (the media child, then the daemon).
public final class WorkObject: Sendable {
    /// Its hidden name, relative to the disk's root. In a scratch folder the file has no name at all, so that a crash
    /// leaves nothing; then this is the temporary name of its copy beside the target.
    public let path: String
    /// Borrowed: the borrower must not close it. Readable, and writable unless it is a second name of a published file.
    public let descriptor: CInt
    /// The published object whose content it has, so that a store may copy it by itself.
    package let origin: String?
    let folder: Folder
    let hasName: Bool
    private let isOurs = Mutex(true)

    private init(adopting descriptor: CInt, folder: Folder, path: ObjectPath, hasName: Bool, origin: String? = nil) {
        self.origin = origin
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

    /// Empties the file for another attempt.
    public func reset() throws(ObjectError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw ObjectError(path, call: "ftruncate", code: errno)
        }
    }

    /// Writes a source's bytes into the empty file.
    package func fill(from source: SourceObject, range: Range<Int64>? = nil, onStep: () -> Bool = { true }) throws(ObjectError) {
        try FileCopy.copy(from: source.descriptor, to: descriptor, path: source.path, range: range ?? 0..<Int64.max, onPart: onStep)
    }

    /// Removes the file, unless it was published or removed already.
    public func discard() {
        guard letGo(), hasName else { return }
        // A failure is harmless: the sweep removes leftovers.
        _ = unlinkat(folder.descriptor, name, 0)
    }

    /// Releases the name to another owner; false if that was done already.
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

    /// One that gets its name when it is complete, so that nothing is left of it if the process dies; under the hidden name where the
    /// file system cannot do that.
    static func makeUnnamed(in folder: Folder, path: ObjectPath) throws(ObjectError) -> WorkObject {
        let descriptor = clinux_open_nameless(folder.descriptor, 0o600)
        if descriptor >= 0 { return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: false) }
        guard errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL else { throw ObjectError(path.text, call: "openat", code: errno) }
        return try make(in: folder, path: path)
    }

    /// A second name of an existing file; nil if it cannot have one. Read-only: the bytes belong to the other name, too.
    static func link(_ published: SourceObject, in folder: Folder, path: ObjectPath) throws(ObjectError) -> WorkObject? {
        let descriptor = fcntl(published.descriptor, F_DUPFD_CLOEXEC, 3)
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "fcntl", code: errno) }
        // Through the open file, not its name: the name may be another file by now.
        guard folder.link(descriptor, as: path.name) == 0 else {
            close(descriptor)
            return nil
        }
        return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: true)
    }

    /// An anonymous file, which `Folder.link` can name later.
    static func makeNameless(in folder: Folder, path: ObjectPath, origin: String? = nil) throws(ObjectError) -> WorkObject {
        var descriptor = clinux_open_nameless(folder.descriptor, 0o600)
        if descriptor < 0, errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL {
            // File systems without O_TMPFILE still allow unlinked open files.
            descriptor = openat(folder.descriptor, path.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            if descriptor >= 0 { _ = unlinkat(folder.descriptor, path.name, 0) }
        }
        guard descriptor >= 0 else { throw ObjectError(path.text, call: "openat", code: errno) }
        return WorkObject(adopting: descriptor, folder: folder, path: path, hasName: false, origin: origin)
    }
}
