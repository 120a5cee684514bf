internal import Glibc
internal import Platform

/// A file that a person requested by name: written beside it without a name, and named when complete.
public struct NamedOutput: Sendable {
    public let path: String
    public let work: WorkObject
    private let name: String

    /// Throws `exists` if the name is taken and may not be replaced.
    public init(path: String, replacing: Bool) throws(ObjectError) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        guard !name.isEmpty, name != ".", name != ".." else { throw .notRegular(path, kind: "a folder") }
        let folderPath = path.parentFolder
        let folder: Folder
        do throws(ObjectError) {
            folder = try Folder.open(folderPath)
        } catch .missing {
            throw .noFolder(folderPath)
        } catch .notRegular {
            throw .noFolder(folderPath)
        }
        var status = stat()
        if fstatat(folder.descriptor, name, &status, 0) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path, kind: SourceObject.kind(status.st_mode)) }
            guard replacing else { throw .exists(path) }
        }
        self.path = path
        self.name = name
        do throws(ObjectError) {
            self.work = try WorkObject.makeUnnamed(in: folder, path: try ObjectPath(name).hidden())
        } catch .denied(_, let call) {
            // A person knows the folder, not the hidden name.
            throw .denied(folderPath, call: call)
        }
    }

    /// Whether both would get one name, however it was spelt.
    public func isSameName(as other: NamedOutput) -> Bool {
        var (ours, theirs) = (stat(), stat())
        return name == other.name && fstat(work.folder.descriptor, &ours) == 0 && fstat(other.work.folder.descriptor, &theirs) == 0
            && ObjectIdentity(ours).isSameFile(as: ObjectIdentity(theirs))
    }

    /// Makes the output a copy of its source.
    public func fill(from source: SourceObject) throws(ObjectError) { try fill(from: source.descriptor) }

    /// - Parameter descriptor: of an open file, borrowed.
    public func fill(from descriptor: CInt) throws(ObjectError) {
        try FileCopy.copy(from: descriptor, to: work.descriptor, path: path)
    }

    /// Names it, with the mode of any new file of this process.
    public func publish(replacing: Bool) throws(ObjectError) {
        guard fchmod(work.descriptor, 0o666 & ~Self.umask()) == 0 else {
            throw ObjectError(path, call: "fchmod", code: errno)
        }
        guard fsync(work.descriptor) == 0 else { throw ObjectError(path, call: "fsync", code: errno) }
        let folder = work.folder
        var failure: CInt = 0
        if replacing {
            // A link replaces nothing: it gets the hidden name first.
            if !work.hasName { failure = folder.link(work.descriptor, as: work.name) }
            if failure == 0, renameat(folder.descriptor, work.name, folder.descriptor, name) != 0 {
                failure = errno
                unlinkat(folder.descriptor, work.name, 0)
            }
        } else {
            failure = work.hasName ? folder.move(work.name, to: folder, as: name) : folder.link(work.descriptor, as: name)
        }
        guard failure == 0 else { throw ObjectError(path, call: "rename", code: failure) }
        work.letGo()
        try folder.synchronize(for: path)
    }

    /// The umask can only be read by changing it, for all threads at once; the kernel's text of it is harmless.
    private static func umask() -> mode_t {
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0o022 }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Umask:") }
        return line.flatMap { mode_t($0.dropFirst(6).drop { $0 == "\t" || $0 == " " }, radix: 8) } ?? 0o022
    }
}
