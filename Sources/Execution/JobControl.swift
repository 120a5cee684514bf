package import Jobs
internal import MediaProcess
internal import Synchronization

/// The hand on a running job: stops it from outside, and counts its progress. May be used from any task or thread.
package final class JobControl: Sendable {
    package enum Stop: Sendable, Equatable {
        /// The daemon is ending: the file is handed back.
        case drained
        /// The claim is somebody else's by now: nothing of ours may be written.
        case lost
        /// By its plan it needs more room than the disk has.
        case noRoom(DiskBudget.InsufficientSpace)

        package var verdict: Verdict {
            switch self {
            case .drained: Verdict(.drained, "The worker was stopped while transcoding this file.")
            case .noRoom(let shortage): shortage.verdict
            case .lost: Verdict(.lost, "Another worker has taken this file over.")
            }
        }
    }

    private struct State {
        var child: MediaChild?
        var hadChild = false
        var stop: Stop?
        var steps = 0
        var processorSeconds = 0.0
    }

    private let state = Mutex(State())

    package init() {}

    /// The first reason counts.
    package func stop(_ stop: Stop) {
        let child = state.withLock { state in
            if state.stop == nil { state.stop = stop }
            return state.child
        }
        child?.kill(stop.verdict)
    }

    var isStoppedFor: Stop? { state.withLock { $0.stop } }

    /// Throws where the job has been stopped before its child was there.
    func adopt(_ child: MediaChild?) throws(Verdict) {
        let stop = state.withLock { state in
            state.child = child
            if child != nil { state.hadChild = true }
            return state.stop
        }
        if let stop {
            child?.kill(stop.verdict)
            throw stop.verdict
        }
    }

    /// Whether a media program was ever at work for it.
    var hadChild: Bool { state.withLock { $0.hadChild } }

    /// The work went on by a step: its lease is worth renewing.
    package func step() { state.withLock { $0.steps += 1 } }
    var steps: Int { state.withLock { $0.steps } }

    func spend(processorSeconds: Double) { state.withLock { $0.processorSeconds += processorSeconds } }
    var processorSeconds: Double { state.withLock { $0.processorSeconds } }
}
