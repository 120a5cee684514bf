import Foundation
import Glibc
import SQL
import Platform

/// Watches a SQLite file for writes and replacement, through its folder, and the folder of a link
/// to it. Other files in the folder, including hidden work files, are ignored.
///
/// A commit ends with a change of the journal, or of `-wal`, so none is missed on a local file system. Writes from other
/// hosts on a network file system are: the caller also polls.
struct DatabaseWatch: ~Copyable {
    private let watch: Int32
    /// Hangs up to end the watch; its creator closes it.
    private let hangup: Int32
    private let names: Set<String>
    /// The file's path at the start of the watch, with links resolved.
    private let place: String?
    private let path: String

    /// How long to collect a burst of writes before reporting it: a statement makes many small ones.
    private static let calm: useconds_t = 3_000

    /// Fires once at the start, for earlier changes, and then after each burst of writes. Continues if the folder is
    /// replaced; ends at once if the system has no inotify watch left. The thread and the descriptors live until the
    /// consumer is gone.
    static func signals(path: String) -> AsyncStream<Void> {
        SignalThread.signals(name: "database-watch") { hangup, signal in
            var isFirst = true
            repeat {
                if let watch = DatabaseWatch(path: path, hangup: hangup) {
                    signal()
                    while watch.nextWrite() { signal() }
                } else if isFirst {
                    return signal()
                }
                isFirst = false
                // After a short pause: a missing folder is checked once per second.
            } while !isHungUp(hangup, within: 1000)
        }
    }

    private static func isHungUp(_ hangup: Int32, within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: hangup, events: 0, revents: 0)
        return poll(&polled, 1, milliseconds) > 0
    }

    init?(path: String, hangup: Int32) {
        // The journal is beside the file itself, not beside a link to it.
        let place = realpath(path, nil).map { resolved in
            defer { free(resolved) }
            return String(cString: resolved)
        }
        let file = ((place ?? path) as NSString).lastPathComponent
        let mask = [IN_MODIFY, IN_CREATE, IN_DELETE, IN_MOVED_TO, IN_DELETE_SELF, IN_MOVE_SELF]
            .reduce(UInt32(IN_ONLYDIR)) { $0 | UInt32($1) }
        let watch = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard watch >= 0, inotify_add_watch(watch, (place ?? path).parentFolder, mask) >= 0 else {
            if watch >= 0 { close(watch) }
            return nil
        }
        // Without this watch, the caller's polling finds changes of the link.
        if place != path { inotify_add_watch(watch, path.parentFolder, mask) }
        self.watch = watch
        self.hangup = hangup
        self.place = place
        self.path = path
        names = [file, file + "-journal", file + "-wal", (path as NSString).lastPathComponent]
    }

    deinit { close(watch) }

    /// Whether the path now leads elsewhere.
    private var hasMoved: Bool {
        let now = realpath(path, nil)
        defer { free(now) }
        return now.map { String(cString: $0) != place } ?? false
    }

    /// Blocks until the database was written to. False: the consumer or the folder is gone, or the folder was replaced.
    private func nextWrite() -> Bool {
        while true {
            guard waitForEvents(), let isOurs = readEvents() else { return false }
            guard isOurs else { continue }
            // On its own thread: nothing else waits meanwhile.
            usleep(Self.calm)
            return readEvents() != nil && !hasMoved
        }
    }

    private func waitForEvents() -> Bool {
        var polled = [pollfd(fd: watch, events: Int16(POLLIN), revents: 0), pollfd(fd: hangup, events: 0, revents: 0)]
        while poll(&polled, 2, -1) < 0 {
            if errno != EINTR { return false }
        }
        return polled[1].revents == 0
    }

    /// Reads all pending events: whether one concerned the database; nil if the folder is gone.
    func readEvents() -> Bool? {
        var isOurs = false
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(watch, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return errno == EAGAIN || count == 0 ? isOurs : nil }
            guard let batch = Self.concerns(names, in: buffer[..<count]) else { return nil }
            isOurs = isOurs || batch
        }
    }

    /// Iterates over the records of one read: each is a `struct inotify_event` and a name padded with zeros.
    private static func concerns(_ names: Set<String>, in bytes: ArraySlice<UInt8>) -> Bool? {
        func number(at offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        var isOurs = false
        var offset = bytes.startIndex
        while offset + 16 <= bytes.endIndex {
            let mask = number(at: offset + 4)
            if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT) != 0 { return nil }
            // Events were dropped: the database's may have been among them.
            if mask & UInt32(IN_Q_OVERFLOW) != 0 { isOurs = true }
            let end = offset + 16 + Int(number(at: offset + 12))
            guard end <= bytes.endIndex else { break }
            let name = bytes[(offset + 16)..<end].prefix { $0 != 0 }
            if names.contains(String(decoding: name, as: UTF8.self)) { isOurs = true }
            offset = end
        }
        return isOurs
    }
}
