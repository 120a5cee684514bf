internal import Jobs
internal import MediaProcess
internal import Synchronization
package import Verdicts

/// The control of a running job: stops it from outside, and counts its progress. May be used from any task or thread.
package final class JobControl: Sendable {
    package enum Stop: Sendable, Equatable {
        /// The daemon is stopping: the file returns to the queue.
        case drained
        /// Another worker owns the claim: this one must write nothing.
        case lost
        /// Its plan needs more space than the disk has.
        case noRoom(DiskBudget.InsufficientSpace)

        package var verdict: Verdict {
            switch self {
            case .drained: Verdict(.drained)
            case .noRoom(let shortage): shortage.verdict
            case .lost: Verdict(.takenOver)
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

    /// The first reason wins.
    package func stop(_ stop: Stop) {
        let child = state.withLock { state in
            if state.stop == nil { state.stop = stop }
            return state.child
        }
        child?.kill(stop.verdict)
    }

    var isStoppedFor: Stop? { state.withLock { $0.stop } }

    /// Throws if the job was stopped before its child started.
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

    /// Whether a media process ever worked for it.
    var hadChild: Bool { state.withLock { $0.hadChild } }

    /// The work made progress: its lease is worth renewing. False if it is to end.
    @discardableResult
    package func step() -> Bool {
        state.withLock { state in
            state.steps += 1
            return state.stop == nil
        }
    }
    var steps: Int { state.withLock { $0.steps } }

    func spend(processorSeconds: Double) { state.withLock { $0.processorSeconds += processorSeconds } }
    var processorSeconds: Double { state.withLock { $0.processorSeconds } }
}
