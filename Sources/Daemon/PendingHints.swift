internal import Synchronization

/// Files that somebody has told us of, until the next look: a look at what has changed does not see an old row that is fit
/// to be done only now. May be used from any task.
final class PendingHints: Sendable {
    private let files = Mutex<Set<Int64>>([])
    /// What is told beyond that is found by the look through everything.
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
