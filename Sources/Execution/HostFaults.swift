internal import Jobs
internal import Synchronization

/// How often in a row the machine failed during a file's work. That is not the file's fault, and does not count as
/// an attempt, but each time costs the work again: the waits grow as after attempts. May be used from any task.
final class HostFaults: Sendable {
    private let counts = Mutex<[Int64: Int]>([:])
    /// Files remembered; beyond that, the waits start over.
    private static let most = 10_000

    /// Counts one more; returns how many in a row.
    func add(_ fileID: Int64) -> Int {
        counts.withLock { counts in
            if counts.count >= Self.most { counts = [:] }
            counts[fileID, default: 0] += 1
            return counts[fileID] ?? 1
        }
    }

    func clear(_ fileID: Int64) { counts.withLock { _ = $0.removeValue(forKey: fileID) } }
}
