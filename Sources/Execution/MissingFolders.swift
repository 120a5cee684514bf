package import FoundationEssentials
internal import Synchronization

/// Folders of uploads that were missing or empty when a job looked: an unmounted disk, or a folder that was removed for good,
/// which only a person can tell. Their files are retried at growing intervals, and at once when the folder is back.
/// Kept in memory: after a restart, the first job that needs a folder finds it again. May be used from any task.
package final class MissingFolders: Sendable {
    package struct Folder: Sendable, Equatable {
        /// Absolute.
        package var path: String
        package var since: Date
        /// Uploads waiting for it, when last counted.
        package var waiting: Int?

        package func sentence(storage root: String) -> String {
            let files = waiting.map { $0 == 1 ? "1 upload waits" : "\($0) uploads wait" } ?? "Uploads wait"
            let relative = MissingFolders.relative(path, to: root)
            let end = relative.isEmpty ? "" : " If it is gone for good, “transcoder cancel --folder \(relative)” fails them."
            return "\(files) for the folder \(path), which is missing, empty or not accessible. Is its disk mounted?\(end)"
        }
    }

    private struct Entry {
        var folder: Folder
        let start: ContinuousClock.Instant
        var counted: ContinuousClock.Instant?
    }

    private let entries = Mutex<[String: Entry]>([:])
    /// Remembered; a storage has a folder for each day.
    private static let most = 10_000
    private static let countingRest = Duration.seconds(60)

    /// True if it was not known.
    func add(_ path: String, at now: ContinuousClock.Instant = .now) -> Bool {
        entries.withLock { entries in
            guard entries[path] == nil, entries.count < Self.most else { return false }
            entries[path] = Entry(folder: Folder(path: path, since: Date()), start: now)
            return true
        }
    }

    func remove(_ path: String) { entries.withLock { _ = $0.removeValue(forKey: path) } }

    /// In their order.
    package var all: [Folder] { entries.withLock { $0.values.map(\.folder) }.sorted { $0.path < $1.path } }
    package var isEmpty: Bool { entries.withLock { $0.isEmpty } }

    /// How long it has been missing; nil if it is not known to be.
    func age(of path: String, at now: ContinuousClock.Instant = .now) -> Duration? {
        entries.withLock { $0[path].map { now - $0.start } }
    }

    /// Whether there are any, each missing for at least this long.
    func areAway(for span: Duration, at now: ContinuousClock.Instant = .now) -> Bool {
        entries.withLock { entries in !entries.isEmpty && entries.values.allSatisfy { now - $0.start >= span } }
    }

    /// Whether its waiting files are to be counted now.
    func isToCount(_ path: String, at now: ContinuousClock.Instant = .now) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[path], entry.counted.map({ now - $0 >= Self.countingRest }) ?? true else { return false }
            entries[path]?.counted = now
            return true
        }
    }

    func set(waiting: Int, for path: String) { entries.withLock { $0[path]?.folder.waiting = waiting } }

    /// As `files.path` names it; empty for the storage itself and for paths elsewhere.
    static func relative(_ path: String, to root: String) -> String {
        path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : ""
    }
}
