internal import Synchronization

/// The jobs in hand. May be used from any task.
final class Hands: Sendable {
    private struct Hand {
        let control = JobControl()
        /// Seconds, as expected.
        let work: Double
    }

    private let jobs = Mutex<[Int64: Hand]>([:])

    var count: Int { jobs.withLock { $0.count } }
    /// The expected work of each, in seconds.
    var works: [Double] { jobs.withLock { $0.values.map(\.work) } }

    func take(_ fileID: Int64, work: Double) -> JobControl {
        let hand = Hand(work: work)
        jobs.withLock { $0[fileID] = hand }
        return hand.control
    }

    func leave(_ fileID: Int64) { jobs.withLock { _ = $0.removeValue(forKey: fileID) } }

    func stop(_ stop: JobControl.Stop) {
        for hand in jobs.withLock({ Array($0.values) }) { hand.control.stop(stop) }
    }
}
