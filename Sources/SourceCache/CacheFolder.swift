internal import Glibc
internal import Objects

/// The files of a cache: whole ones under random names, and one part for each key that is being fetched. Calls block.
struct CacheFolder: Sendable {
    let path: String
    private let owner: (user: uid_t, group: gid_t)

    init(_ path: String) throws(FetchError) {
        self.path = path
        var status = stat()
        for folder in [path, path + "/files", path + "/parts"] {
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .folder(folder, why: String(cString: strerror(errno))) }
            if folder == path { _ = stat(path, &status) } else { _ = chown(folder, status.st_uid, status.st_gid) }
        }
        owner = (status.st_uid, status.st_gid)
    }

    /// What root makes in the service's folder is the service's. For others this changes nothing.
    func give(_ name: String) { _ = lchown("\(path)/\(name)", owner.user, owner.group) }

    /// The part of a key, locked against other processes; nil while another one has it.
    func part(of key: String) throws(FetchError) -> CachePart? {
        let name = path + "/parts/" + Digests.sha256(of: Array(key.utf8))
        let descriptor = Glibc.open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(name) }
        _ = fchown(descriptor, owner.user, owner.group)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        // Whoever had the lock may have given the file its name meanwhile.
        var (ours, named) = (stat(), stat())
        guard fstat(descriptor, &ours) == 0, stat(name, &named) == 0, ours.st_ino == named.st_ino else {
            close(descriptor)
            return nil
        }
        return CachePart(path: name, descriptor: descriptor)
    }

    /// Gives a whole part its name; durable when this returns.
    ///
    /// - Returns: the name below the folder.
    func keep(_ part: CachePart, extension ending: String?) throws(FetchError) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        for index in bytes.indices { bytes[index] = .random(in: 0...255) }
        let name = "files/\(Digests.sha256(of: bytes).prefix(32))\(Self.ending(ending))"
        guard fsync(part.descriptor) == 0, rename(part.path, "\(path)/\(name)") == 0 else { throw failure(name) }
        unlink(part.path + ".of")
        return name
    }

    /// For people, and as far as any file system takes it: an address may end with anything.
    private static func ending(_ text: String?) -> String {
        guard let text, text.utf8.count <= 8, text.utf8.allSatisfy({ (48...57).contains($0) || (97...122).contains($0) }) else { return "" }
        return ".\(text)"
    }

    /// Opens a file for reading, with what tells whether it changed; nil if it is not there.
    func open(_ name: String) -> (descriptor: CInt, length: Int64, written: Int64)? {
        let descriptor = Glibc.open("\(path)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return (descriptor, Int64(status.st_size), status.written)
    }

    func remove(_ name: String) { unlink("\(path)/\(name)") }

    /// Below the folder.
    var names: [String] { list("files").map { "files/\($0)" } }

    /// Gives a part up.
    func drop(_ part: CachePart) {
        unlink(part.path)
        unlink(part.path + ".of")
    }

    /// Removes older files that no row names, and parts that nobody went on with.
    func sweep(keeping kept: Set<String>, before moment: Int64, partsBefore: Int64) -> Int {
        var removed = 0
        for name in names where !kept.contains(name) && isOlder(name, than: moment) {
            remove(name)
            removed += 1
        }
        for name in list("parts") where isOlder("parts/\(name)", than: partsBefore) { remove("parts/\(name)") }
        return removed
    }

    private func isOlder(_ name: String, than moment: Int64) -> Bool {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0 && Int64(status.st_ctim.tv_sec) < moment
    }

    private func list(_ folder: String) -> [String] {
        guard let stream = opendir("\(path)/\(folder)") else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private func failure(_ name: String) -> FetchError {
        errno == ENOSPC || errno == EDQUOT ? .noSpace(need: 0) : .folder(name, why: String(cString: strerror(errno)))
    }
}

/// An unfinished file, open and locked. Owns its descriptor; what is in it stays when it goes.
final class CachePart: Sendable {
    let path: String
    let descriptor: CInt

    init(path: String, descriptor: CInt) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Bytes.
    var length: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    var written: Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status.written : 0
    }

    func cut(to length: Int64) { _ = ftruncate(descriptor, off_t(length)) }

    /// Of the source that it is a part of; nil where nothing is known.
    var validators: Validators? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let file = open(path + ".of", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? Validators(text: String(decoding: bytes[..<count], as: UTF8.self)) : nil
    }

    /// Before its first byte. If that fails, the part is begun anew.
    func note(_ validators: Validators) {
        unlink(path + ".of")
        let file = open(path + ".of", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(validators.text.utf8)
        _ = write(file, bytes, bytes.count)
    }
}

extension stat {
    fileprivate var written: Int64 { Int64(st_mtim.tv_sec) * 1_000_000_000 + Int64(st_mtim.tv_nsec) }
}
