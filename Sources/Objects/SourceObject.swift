internal import Glibc

/// Identifies one state of a file.
public struct ObjectIdentity: Sendable, Equatable {
    public let device: UInt64
    public let inode: UInt64
    public let size: Int64
    public let modified: Moment
    public let changed: Moment

    /// From the file system: any year is possible.
    public struct Moment: Sendable, Equatable {
        public let seconds: Int64
        public let nanoseconds: Int64
    }

    /// Whether the content is the same. `chown` and `chmod` only affect `changed`.
    func isSameFile(as other: ObjectIdentity) -> Bool { device == other.device && inode == other.inode }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Moment(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        changed = Moment(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
    }
}

/// An upload, open for reading: a regular file, opened without following a symbolic link. Owns its descriptor;
/// may be used from any thread (positioned reads only).
public final class SourceObject: Sendable {
    public let path: String
    /// Borrowed: the borrower must not close it.
    public let descriptor: CInt
    public let identity: ObjectIdentity
    /// What its store said when it was copied from there; nil on a disk.
    public let tag: String?
    /// Of the object in its store, in bytes: more than `size` where that is a form with the upload in it.
    package let storedSize: Int64
    let owner: (user: uid_t, group: gid_t)
    let mode: mode_t

    /// Whether that name, too, leads to this file.
    package func isSameFile(as path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && identity.isSameFile(as: ObjectIdentity(status))
    }

    /// Whether we may change its attributes, too.
    var isOurs: Bool { geteuid() == 0 || geteuid() == owner.user }

    /// Bytes.
    public var size: Int64 { identity.size }

    /// Takes over the descriptor, and closes it if the file is not readable as an upload.
    init(adopting descriptor: CInt, path: String, tag: String? = nil, storedSize: Int64? = nil) throws(ObjectError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw ObjectError(path, call: "fstat", code: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notRegular(path, kind: Self.kind(status.st_mode))
        }
        self.path = path
        self.tag = tag
        self.descriptor = descriptor
        self.identity = ObjectIdentity(status)
        self.storedSize = storedSize ?? Int64(status.st_size)
        self.owner = (status.st_uid, status.st_gid)
        self.mode = status.st_mode & 0o777
    }

    deinit {
        close(descriptor)
    }

    /// Opens a file named on the command line: links are followed, because the user chose them.
    public static func open(plainFile path: String) throws(ObjectError) -> SourceObject {
        let descriptor = Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ObjectError(path, call: "open", code: errno) }
        return try SourceObject(adopting: descriptor, path: path)
    }

    /// A copy of a remote object, which a scratch folder holds for as long as it is open.
    package convenience init(copy: WorkObject, of key: String, tag: String?, storedSize: Int64? = nil) throws(ObjectError) {
        try self.init(lent: copy.descriptor, of: key, tag: tag, storedSize: storedSize)
    }

    /// Whether it is in a form there, which nothing plays.
    package var isInForm: Bool { storedSize != size }

    /// - Parameter descriptor: borrowed for this call.
    package convenience init(lent descriptor: CInt, of key: String, tag: String?, storedSize: Int64? = nil) throws(ObjectError) {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard own >= 0 else { throw ObjectError(key, call: "fcntl", code: errno) }
        try self.init(adopting: own, path: key, tag: tag, storedSize: storedSize)
    }

    static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFIFO: "a pipe"
        case S_IFCHR, S_IFBLK: "a device"
        case S_IFSOCK: "a socket"
        case S_IFLNK: "a symbolic link"
        default: "something else"
        }
    }
}
