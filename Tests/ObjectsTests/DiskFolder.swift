import Glibc
import Objects

/// A storage folder of a test, removed when it goes.
final class DiskFolder: Sendable {
    let root: String

    init() {
        var template = Array("/tmp/transcoder-objects-XXXXXX".utf8CString)
        root = String(cString: mkdtemp(&template))
    }

    deinit {
        remove(root)
    }

    private func remove(_ path: String) {
        for name in names(path) {
            if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        }
        rmdir(path)
    }

    func disk(scratch: String? = nil) throws -> LocalDisk {
        try LocalDisk(root: root, scratch: scratch)
    }

    func makeFolder(_ path: String) {
        var made = root
        for part in path.split(separator: "/") {
            made += "/\(part)"
            mkdir(made, 0o755)
        }
    }

    func write(_ text: String, to path: String, mode: mode_t = 0o644) {
        let descriptor = open("\(root)/\(path)", O_WRONLY | O_CREAT | O_TRUNC, mode)
        precondition(descriptor >= 0)
        fchmod(descriptor, mode)
        let bytes = Array(text.utf8)
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
    }

    func read(_ path: String) -> String? {
        let descriptor = open("\(root)/\(path)", O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func status(_ path: String) -> stat? {
        var status = stat()
        return lstat("\(root)/\(path)", &status) == 0 ? status : nil
    }

    /// Names in a folder, hidden ones too.
    func names(_ path: String? = nil) -> [String] {
        guard let handle = opendir(path ?? root) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = Glibc.readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

extension LocalDisk {
    func work(beside path: String) throws -> WorkObject {
        try makeWork(named: try workName(beside: path), for: path)
    }
}

extension WorkObject {
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }
}

func openDescriptors() -> Int {
    var count = 0
    for number in 0..<1024 where fcntl(CInt(number), F_GETFD) >= 0 { count += 1 }
    return count
}
