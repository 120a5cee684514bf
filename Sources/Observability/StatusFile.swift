internal import FoundationEssentials
internal import Glibc
internal import Platform
internal import WorkerConfiguration

/// The status file of a daemon. Always complete: it is replaced, never modified.
///
/// The first daemon on a host locks the configured name; a second one uses another name beside it
/// (`status.1234.json`, with its PID), and removes it when it stops. Owns the lock.
package final class StatusFile: Sendable {
    package let path: String
    private let lock: CInt
    private let isSecond: Bool

    /// Throws a sentence if the file cannot be written: a `ConfigurationError`, or a `TransientError`.
    package init(path configured: String, pid: Int32) throws {
        let names = StatusNames(configured)
        // Its folder may be on a file system that is empty after every boot, such as /run.
        if mkdir(names.folder, 0o755) != 0, errno != EEXIST {
            throw Self.error("the folder cannot be created", configured, code: errno)
        }
        lock = open(names.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw Self.error("its lock cannot be opened", configured, code: errno) }
        // A lock file of an older version may be open to other users, who could hold it.
        _ = fchmod(lock, 0o600)
        isSecond = flock(lock, LOCK_EX | LOCK_NB) != 0
        path = isSecond ? names.own(pid: pid) : configured
        if !isSecond {
            for (stale, pid) in names.others() where kill(pid, 0) != 0 && errno == ESRCH { unlink(stale) }
        }
    }

    deinit {
        close(lock)
    }

    package func write(_ status: Status) throws {
        let bytes = Array(try status.json())
        do {
            // It contains names of users' files.
            try FileReplacement.write(bytes, to: path, mode: 0o640)
        } catch {
            throw Self.error("it cannot be written", path, code: error.code)
        }
    }

    /// A second daemon leaves nothing behind; the first one's last status stays.
    package func end() {
        if isSecond { unlink(path) }
    }

    private static func error(_ what: String, _ path: String, code: CInt) -> any Error {
        TransientError.sorted("status_file \(path): \(what): \(String(cString: strerror(code))).", code)
    }
}

/// The file names that belong to one configured status file.
package struct StatusNames {
    package let configured: String

    package init(_ configured: String) {
        self.configured = configured
    }

    package var folder: String { configured.parentFolder }

    package var lock: String { configured + ".lock" }

    package func own(pid: Int32) -> String { "\(stem).\(pid)\(ending)" }

    /// The files of second daemons, with their PIDs.
    package func others() -> [(path: String, pid: Int32)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let prefix = name(of: stem) + "."
        return names.sorted().compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(ending) else { return nil }
            guard let pid = Int32(name.dropFirst(prefix.count).dropLast(ending.count)), pid > 0 else { return nil }
            return ("\(folder)/\(name)", pid)
        }
    }

    private var ending: String {
        name(of: configured).lastIndex(of: ".").map { String(name(of: configured)[$0...]) } ?? ""
    }

    private var stem: String { String(configured.dropLast(ending.count)) }

    private func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
