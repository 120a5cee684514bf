internal import CLinux
internal import Glibc

/// The site's storage folder on a local (or mounted) disk. Its calls block: use it from a thread of its own.
///
/// Nothing above the root can be reached through it, whatever a path or a symbolic link says. The root is opened
/// anew for every call, so that a disk that is mounted later is seen.
public struct LocalDisk: Sendable {
    public let root: String
    /// Where files in the making live instead of beside their source.
    public let scratch: String?

    /// Throws where the root, or the scratch folder, is not a folder that can be opened.
    public init(root: String, scratch: String? = nil) throws(ObjectError) {
        self.root = root
        self.scratch = scratch
        _ = try Folder.open(disk: root)
        if let scratch { _ = try Folder.open(disk: scratch) }
    }

    /// Which of the root and the folders beneath it that are there may not be written into, or nil: as what user we run
    /// is decided when we are started, and seen then.
    public func unwritable(_ folders: [String]) -> String? {
        ([root] + folders.map { "\(root)/\($0)" }).first {
            faccessat(AT_FDCWD, $0, F_OK, 0) == 0 && faccessat(AT_FDCWD, $0, W_OK | X_OK, AT_EACCESS) != 0
        }
    }

    /// Whether nobody may write there, whatever their rights.
    public func isReadOnly(_ folder: String) -> Bool {
        faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0 && errno == EROFS
    }

    /// The folder that an object is in, as people see it.
    public func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { "\(root)/\(path[..<$0])" } ?? root
    }

    /// Whether a folder is not there, or, beneath the root, holds nothing. Throws where that cannot be told.
    public func isAway(_ path: String) throws(ObjectError) -> Bool {
        do throws(ObjectError) {
            let folder = try Folder.open(path)
            guard path.hasPrefix(root + "/") else { return false }
            return try folder.isEmpty
        } catch .missing {
            return true
        }
    }

    /// Whether nothing is in the root.
    public var isEmpty: Bool { get throws(ObjectError) { try Folder.open(disk: root).isEmpty } }

    /// A folder as paths of objects name it, from that or from its whole path; empty where it is none beneath the root.
    public func relative(_ folder: String) -> String {
        var steps = folder.split(separator: "/")
        let base = root.split(separator: "/")
        if folder.hasPrefix("/") {
            guard steps.starts(with: base) else { return "" }
            steps.removeFirst(base.count)
        }
        return steps.contains("..") || steps.contains(".") ? "" : steps.joined(separator: "/")
    }

    /// Opens an upload for reading.
    public func openSource(_ path: String) throws(ObjectError) -> SourceObject {
        let path = try ObjectPath(path)
        let root = try Folder.open(disk: self.root)
        // Without O_NONBLOCK a pipe would hold us until somebody writes to it.
        let descriptor = clinux_open_beneath(root.descriptor, path.text, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { try checkPresence(of: path.folder, in: root) }
            throw ObjectError(path.text, call: "openat2", code: code)
        }
        return try SourceObject(adopting: descriptor, path: path.text)
    }

    /// The file that was opened, as it is now: with another owner or mode, it may be. Nil where its path names another, or
    /// its content was changed. Throws `missing` where the path names none.
    ///
    /// - Parameter onRead: called where its bytes have to be read: enough of it for a lease to be renewed by.
    public func unchanged(_ source: SourceObject, onRead: () -> Void = {}) throws(ObjectError) -> SourceObject? {
        let now = try openSource(source.path)
        guard now.size == source.size, now.identity.modified == source.identity.modified else { return nil }
        if now.identity.isSameFile(as: source.identity) { return now }
        // Put back by a backup, it may be: the one that was read is still open.
        func hash(_ file: SourceObject) throws(ObjectError) -> String {
            try Digests.read(descriptor: file.descriptor, md5: false, path: file.path) { _ in onRead() }.sha256
        }
        return try hash(source) == hash(now) ? now : nil
    }

    /// A name for `makeWork`: hidden, random, in the same folder. Chosen before the file is made, so that it can be
    /// recorded first.
    public func workName(beside path: String) throws(ObjectError) -> String {
        try ObjectPath(path).hidden().text
    }

    /// Makes a file to write to, under the hidden name, so that publishing it is a rename; or in the scratch folder.
    public func makeWork(named path: String) throws(ObjectError) -> WorkObject {
        let path = try ObjectPath(path)
        if let scratch { return try WorkObject.makeNameless(in: try Folder.open(disk: scratch), path: path) }
        return try WorkObject.make(in: try folder(of: path), path: path)
    }

    /// Where a file is to be made, there was one a moment ago: a folder that is not there is away.
    private func folder(of path: ObjectPath) throws(ObjectError) -> Folder {
        let root = try Folder.open(disk: root)
        do throws(ObjectError) {
            return try root.folder(path.folder)
        } catch .missing {
            throw .unavailable("\(self.root)/\(path.folder)", why: Self.away(isThere: false))
        }
    }

    /// What could not be made as the source has it.
    public struct Publication: Sendable, Equatable {
        /// False where we may not give the file to the source's owner (we are not root).
        public let hasOwner: Bool
    }

    /// Where a file stands on its way to its name.
    public enum PublicationStep: Sendable {
        /// Some of it is copied, where it was made on another file system.
        case copying
        /// Its bytes are on the disk.
        case durable
        /// It is seen, and may be lost again with the power.
        case named
        case published
    }

    /// Gives a finished file its name: owner and mode as the source has them, the bytes durable before the name
    /// appears, no other file replaced, the name durable before this returns.
    ///
    /// When it throws, the name may or may not be there: `remove` it before trying another.
    @discardableResult
    public func publish(
        _ work: WorkObject, as path: String, like source: SourceObject, onStep: (PublicationStep) -> Void = { _ in }
    ) throws(ObjectError) -> Publication {
        let path = try ObjectPath(path)
        let folder = try folder(of: path)
        let hasOwner = try finish(work, like: source)
        onStep(.durable)
        var failure =
            work.hasName
            ? work.folder.move(work.name, to: folder, as: path.name)
            : folder.link(work.descriptor, as: path.name)
        if failure == EXDEV || (failure == ENOENT && !work.hasName) {
            // The scratch folder is on another file system: the copy is made beside the target, then renamed.
            let copy = try WorkObject.make(in: folder, path: try ObjectPath(work.path))
            try FileCopy.copy(from: work.descriptor, to: copy.descriptor, path: path.text) { onStep(.copying) }
            _ = try finish(copy, like: source)
            failure = copy.folder.move(copy.name, to: folder, as: path.name)
            if failure == 0 { copy.letGo() }
        } else if failure == 0 {
            work.letGo()
        }
        guard failure == 0 else { throw ObjectError(path.text, call: "renameat2", code: failure) }
        onStep(.named)
        try folder.synchronize(for: path.text)
        onStep(.published)
        work.discard()
        return Publication(hasOwner: hasOwner)
    }

    /// Removes an object; false where there was none.
    @discardableResult
    public func remove(_ path: String) throws(ObjectError) -> Bool {
        let path = try ObjectPath(path)
        let folder: Folder
        let root = try Folder.open(disk: root)
        do throws(ObjectError) {
            folder = try root.folder(path.folder)
        } catch .missing {
            try checkPresence(of: path.firstFolder, in: root)
            return false
        }
        guard unlinkat(folder.descriptor, path.name, 0) == 0 else {
            let code = errno
            guard code == ENOENT else { throw ObjectError(path.text, call: "unlinkat", code: code) }
            try checkPresence(of: path.firstFolder, in: root)
            return false
        }
        return true
    }

    /// An unmounted disk leaves an empty folder behind, or none: what it holds is away, and not gone. Throws where that is to
    /// be seen on the way to a file that is missing: a folder is not there, or holds nothing.
    private func checkPresence(of path: String, in root: Folder) throws(ObjectError) {
        var folder = root
        var name = self.root
        for step in path.split(separator: "/") {
            name += "/\(step)"
            do throws(ObjectError) {
                folder = try folder.folder(String(step))
            } catch .missing {
                throw .unavailable(name, why: Self.away(isThere: false))
            } catch .notRegular {
                return
            }
            if try folder.isEmpty { throw .unavailable(name, why: Self.away(isThere: true)) }
        }
    }

    private static func away(isThere: Bool) -> String { "it is \(isThere ? "empty" : "missing") (is the disk mounted?)" }

    private func finish(_ work: WorkObject, like source: SourceObject) throws(ObjectError) -> Bool {
        var status = stat()
        guard fstat(work.descriptor, &status) == 0 else {
            throw ObjectError(work.path, call: "fstat", code: errno)
        }
        // The mode first: a file that was given away is not ours to change any more.
        if status.st_mode & 0o7777 != source.mode, fchmod(work.descriptor, source.mode) != 0 {
            throw ObjectError(work.path, call: "fchmod", code: errno)
        }
        var hasOwner = (status.st_uid, status.st_gid) == source.owner
        if !hasOwner { hasOwner = fchown(work.descriptor, source.owner.user, source.owner.group) == 0 }
        guard fsync(work.descriptor) == 0 else { throw ObjectError(work.path, call: "fsync", code: errno) }
        return hasOwner
    }
}
