internal import CLinux
internal import Glibc
internal import Platform

/// The site's storage folder on a local (or mounted) disk. Its calls block: use it from a separate thread.
///
/// Nothing outside the root can be reached through it, whatever a path or a symbolic link says. The root is opened
/// for every call, so that a disk that is mounted later is found.
public struct LocalDisk: ObjectStore {
    public let root: String
    /// The folder for temporary files, instead of beside their source.
    public let scratch: String?

    public var name: String { root }

    /// Throws if the root, or the scratch folder, cannot be opened as a folder.
    public init(root: String, scratch: String? = nil) throws(ObjectError) {
        self.root = root
        self.scratch = scratch
        _ = try Folder.open(disk: root)
        if let scratch { _ = try Folder.open(disk: scratch) }
    }

    /// The first of the root and these existing folders below it that is not writable, or nil: our user
    /// is fixed at the start, so a check at the start is enough.
    public func unwritable(_ folders: [String]) -> String? {
        ([root] + folders.map { "\(root)/\($0)" }).first {
            faccessat(AT_FDCWD, $0, F_OK, 0) == 0 && faccessat(AT_FDCWD, $0, W_OK | X_OK, AT_EACCESS) != 0
        }
    }

    /// Whether it is on a read-only file system.
    public func isReadOnly(_ folder: String) -> Bool {
        faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0 && errno == EROFS
    }

    /// The folder of an object, for people.
    public func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { "\(root)/\(path[..<$0])" } ?? root
    }

    /// Whether a folder is missing or, below the root, empty. Throws if that cannot be determined.
    public func isAway(_ path: String) throws(ObjectError) -> Bool {
        do throws(ObjectError) {
            let folder = try Folder.open(path)
            guard path.hasPrefix(root + "/") else { return false }
            return try folder.isEmpty
        } catch .missing {
            return true
        }
    }

    /// Whether the root is empty.
    public var isEmpty: Bool { get throws(ObjectError) { try Folder.open(disk: root).isEmpty } }

    /// A folder's path relative to the root, from that or from its absolute path; empty if it is not below the root.
    public func relative(_ folder: String) -> String {
        var steps = folder.split(separator: "/")
        let base = root.split(separator: "/")
        if folder.hasPrefix("/") {
            guard steps.starts(with: base) else { return "" }
            steps.removeFirst(base.count)
        }
        return steps.contains("..") || steps.contains(".") ? "" : steps.joined(separator: "/")
    }

    public func openSource(_ path: String, onStep: () -> Bool = { true }) throws(ObjectError) -> SourceObject {
        let path = try ObjectPath(path)
        let root = try Folder.open(disk: self.root)
        // Without O_NONBLOCK, opening a pipe would block.
        let descriptor = clinux_open_beneath(root.descriptor, path.text, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT { try checkPresence(of: path.folder, in: root) }
            if code == EACCES { throw denied(path.text, call: "openat2", in: root) }
            throw ObjectError(path.text, call: "openat2", code: code)
        }
        return try SourceObject(adopting: descriptor, path: path.text)
    }

    /// The opened file in its current state, with another owner or mode perhaps. Nil if its path is another file, or
    /// its content changed. Throws `missing` if the path does not exist.
    public func unchanged(_ source: SourceObject, onStep: () -> Bool = { true }) throws(ObjectError) -> SourceObject? {
        let now = try openSource(source.path)
        guard now.size == source.size, now.identity.modified == source.identity.modified else { return nil }
        if now.identity.isSameFile(as: source.identity) { return now }
        // A backup may have restored it: the one that was read is still open.
        func hash(_ file: SourceObject) throws(ObjectError) -> String {
            try Digests.read(descriptor: file.descriptor, md5: false, path: file.path) { _ in onStep() }.sha256
        }
        return try hash(source) == hash(now) ? now : nil
    }

    /// Hidden, random, in the same folder, so that publishing is a rename.
    public func workName(beside path: String) throws(ObjectError) -> String? {
        try ObjectPath(path).hidden().text
    }

    /// Creates a file under the hidden name, or in the scratch folder without one.
    public func makeWork(named name: String?, for target: String) throws(ObjectError) -> WorkObject {
        let path = if let name { try ObjectPath(name) } else { try ObjectPath(target).hidden() }
        if let scratch { return try WorkObject.makeNameless(in: try Folder.open(disk: scratch), path: path) }
        do throws(ObjectError) {
            return try WorkObject.make(in: try folder(of: path), path: path)
        } catch .denied(_, let call) {
            throw denied(path.folder, call: call, in: try Folder.open(disk: root))
        }
    }

    /// With what whoever must fix it needs to know: the owner and the mode, and who may not.
    private func denied(_ path: String, call: String, in root: Folder) -> ObjectError {
        func name(_ user: uid_t) -> String { UserName.of(user) ?? "user \(user)" }
        var status = stat()
        guard fstatat(root.descriptor, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .denied(path, call: call) }
        let mode = String(status.st_mode & 0o7777, radix: 8)
        return .denied(path, call: "\(call): owner \(name(status.st_uid)), mode \(mode); this process runs as \(name(geteuid()))")
    }

    /// The folder existed a moment ago: if it is missing now, its disk is unavailable.
    private func folder(of path: ObjectPath) throws(ObjectError) -> Folder {
        let root = try Folder.open(disk: root)
        do throws(ObjectError) {
            return try root.folder(path.folder)
        } catch .missing {
            throw .unavailable("\(self.root)/\(path.folder)", why: Self.away(isThere: false))
        }
    }

    /// With the source's owner and mode; the bytes are durable before the name appears, and the name before this returns.
    @discardableResult
    public func publish(
        _ work: WorkObject, as path: String, mime: String = "", like source: SourceObject, onStep: (PublicationStep) -> Bool = { _ in true }
    ) throws(ObjectError) -> Publication {
        let path = try ObjectPath(path)
        let folder = try folder(of: path)
        let hasOwner = try finish(work, like: source)
        _ = onStep(.durable)
        var failure =
            work.hasName
            ? work.folder.move(work.name, to: folder, as: path.name)
            : folder.link(work.descriptor, as: path.name)
        if failure == EXDEV || (failure == ENOENT && !work.hasName) {
            // The scratch folder is on another file system: copy beside the target, then rename.
            let copy = try WorkObject.make(in: folder, path: try ObjectPath(work.path))
            try FileCopy.copy(from: work.descriptor, to: copy.descriptor, path: path.text) { onStep(.copying) }
            _ = try finish(copy, like: source)
            failure = copy.folder.move(copy.name, to: folder, as: path.name)
            if failure == 0 { copy.letGo() }
        } else if failure == 0 {
            work.letGo()
        }
        guard failure == 0 else { throw ObjectError(path.text, call: "renameat2", code: failure) }
        _ = onStep(.named)
        try folder.synchronize(for: path.text)
        _ = onStep(.published)
        work.discard()
        return Publication(hasOwner: hasOwner)
    }

    /// Makes a file in a folder as a job would, writes to it, and removes it.
    ///
    /// - Parameter folder: relative to the root.
    public func tryWriting(in folder: String) throws(ObjectError) {
        let path = try ObjectPath("\(folder)/probe").hidden()
        do throws(ObjectError) {
            let work = try WorkObject.makeUnnamed(in: try self.folder(of: path), path: path)
            defer { work.discard() }
            let bytes = [UInt8](repeating: 0, count: 4096)
            guard pwrite(work.descriptor, bytes, bytes.count, 0) == bytes.count else { throw ObjectError(path.text, call: "pwrite", code: errno) }
        } catch .denied(_, let call) {
            throw .denied("\(root)/\(folder)", call: call)
        } catch .noSpace {
            throw .noSpace("\(root)/\(folder)")
        }
    }

    public func look(_ path: String) throws(ObjectError) -> ObjectFacts? {
        do throws(ObjectError) {
            return ObjectFacts(size: try openSource(path).size, tag: nil)
        } catch .missing {
            return nil
        }
    }

    public func list(_ folder: String) throws(ObjectError) -> [String] {
        let root = try Folder.open(disk: root)
        do throws(ObjectError) {
            let path = if folder.isEmpty { "" } else { try ObjectPath(folder).text }
            return try root.folder(path).names()
        } catch .missing {
            return []
        }
    }

    /// False if it did not exist.
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

    /// An unmounted disk leaves an empty or missing folder behind: its files are unavailable, not deleted. Throws if the path
    /// to a missing file shows that: a folder is missing or empty.
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
        // The mode first: after chown, the file is no longer ours to change.
        if status.st_mode & 0o7777 != source.mode, fchmod(work.descriptor, source.mode) != 0 {
            throw ObjectError(work.path, call: "fchmod", code: errno)
        }
        var hasOwner = (status.st_uid, status.st_gid) == source.owner
        if !hasOwner { hasOwner = fchown(work.descriptor, source.owner.user, source.owner.group) == 0 }
        guard fsync(work.descriptor) == 0 else { throw ObjectError(work.path, call: "fsync", code: errno) }
        return hasOwner
    }
}
