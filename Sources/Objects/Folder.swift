internal import CLinux
internal import Glibc

/// An open folder. Owns its descriptor. Names in it are single components, so whatever is moved above it meanwhile,
/// operations stay in the opened folder.
final class Folder: Sendable {
    let descriptor: CInt

    init(adopting descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Opens a folder that the administrator configured: its links are followed.
    static func open(_ path: String) throws(ObjectError) -> Folder {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOTDIR { throw .notRegular(path, kind: "not a folder") }
            throw ObjectError(path, call: "open", code: errno)
        }
        return Folder(adopting: descriptor)
    }

    /// Opens a disk's root or scratch folder: if that fails, the disk is unavailable.
    static func open(disk path: String) throws(ObjectError) -> Folder {
        do throws(ObjectError) {
            return try open(path)
        } catch .missing {
            throw .unavailable(path, why: "it does not exist")
        } catch .notRegular {
            throw .unavailable(path, why: "it is not a folder")
        } catch {
            throw .unavailable(path, why: "\(error)")
        }
    }

    /// Opens a folder below this one; no symbolic link is followed.
    func folder(_ path: String) throws(ObjectError) -> Folder {
        let descriptor = clinux_open_beneath(self.descriptor, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw ObjectError(path, call: "openat2", code: errno) }
        return Folder(adopting: descriptor)
    }

    /// Whether it is empty.
    var isEmpty: Bool {
        get throws(ObjectError) {
            var isEmpty = true
            try read { _ in
                isEmpty = false
                return false
            }
            return isEmpty
        }
    }

    func names() throws(ObjectError) -> [String] {
        var names: [String] = []
        try read { name in
            names.append(name)
            return true
        }
        return names
    }

    /// - Parameter take: false ends it.
    private func read(_ take: (String) -> Bool) throws(ObjectError) {
        // A separate descriptor: reading moves its position.
        let own = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let stream = fdopendir(own) else {
            let code = errno
            if own >= 0 { close(own) }
            throw ObjectError(".", call: "fdopendir", code: code)
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name == "." || name == ".." || take(name) else { return }
        }
    }

    /// Makes the names in it as durable as the files.
    func synchronize(for path: String) throws(ObjectError) {
        guard fsync(descriptor) == 0 else { throw ObjectError(path, call: "fsync (folder)", code: errno) }
    }

    /// Renames a file into another folder, or this one, only if the name is free.
    func move(_ name: String, to folder: Folder, as newName: String) -> CInt {
        if clinux_rename_new(descriptor, name, folder.descriptor, newName) == 0 { return 0 }
        guard errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else { return errno }
        // A file system without RENAME_NOREPLACE (NFS, some FUSE): a hard link does not replace either.
        if linkat(descriptor, name, folder.descriptor, newName, 0) == 0 {
            return unlinkat(descriptor, name, 0) == 0 ? 0 : errno
        }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK else { return errno }
        // No hard links either: the new name is random, so checking first is good enough.
        if faccessat(folder.descriptor, newName, F_OK, AT_SYMLINK_NOFOLLOW) == 0 { return EEXIST }
        return renameat(descriptor, name, folder.descriptor, newName) == 0 ? 0 : errno
    }

    /// Names an anonymous file, only if the name is free.
    func link(_ file: CInt, as name: String) -> CInt {
        linkat(AT_FDCWD, "/proc/self/fd/\(file)", descriptor, name, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
    }
}
