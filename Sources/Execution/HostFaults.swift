internal import Jobs
internal import Synchronization

/// How often in a row the machine has failed in the middle of a file's work. That is no fault of the file's, and uses up none
/// of its tries, but each time costs the work anew: the waits grow as after tries. May be used from any task.
final class HostFaults: Sendable {
    private let counts = Mutex<[Int64: Int]>([:])
    /// Files remembered; beyond that the waits begin anew.
    private static let most = 10_000

    /// One more; how many in a row they are.
    func add(_ fileID: Int64) -> Int {
        counts.withLock { counts in
            if counts.count >= Self.most { counts = [:] }
            counts[fileID, default: 0] += 1
            return counts[fileID] ?? 1
        }
    }

    func clear(_ fileID: Int64) { counts.withLock { _ = $0.removeValue(forKey: fileID) } }
}
