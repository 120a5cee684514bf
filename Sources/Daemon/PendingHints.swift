internal import Synchronization

/// Files that a notification named, until the next pass: polling for changes does not see an old row that only now became
/// eligible. May be used from any task.
final class PendingHints: Sendable {
    private let files = Mutex<Set<Int64>>([])
    /// Beyond this limit, the full scan finds them.
    private static let most = 1000

    func add(_ ids: Set<Int64>) {
        files.withLock { files in
            if files.count + ids.count <= Self.most { files.formUnion(ids) }
        }
    }

    func take() -> Set<Int64> {
        files.withLock { files in
            defer { files = [] }
            return files
        }
    }
}
