internal import FoundationEssentials
internal import Synchronization

/// The course of one attempt: which file, how far it is, and how long each phase took. Its running job holds it, and the status board
/// advances and ends it. May be read from any thread.
package final class JobCourse: Sendable {
    /// A phase that is over, and how long it lasted.
    typealias FinishedPhase = (phase: JobPhase, seconds: Double)

    private struct State {
        var progress = JobProgress()
        /// Seconds from the start of the job to that of its phase.
        var phaseStart = 0.0
        var phases: [JobPhase: Double] = [:]
        var hasEnded = false

        mutating func leave(_ phase: JobPhase) -> FinishedPhase {
            let now = progress.seconds
            let seconds = now - phaseStart
            phases[phase, default: 0] += seconds
            phaseStart = now
            return (phase, seconds)
        }
    }

    let fileID: Int64
    let fid: String
    private let name: String
    private let attempt: Int
    private let startedAt = Date()
    private let state = Mutex(State())

    package init(fileID: Int64, fid: String, name: String, attempt: Int) {
        self.fileID = fileID
        self.fid = fid
        self.name = name
        self.attempt = attempt
    }

    /// - Returns: the phase that it left, if it entered another.
    func advance(_ step: (inout JobProgress) -> Void) -> FinishedPhase? {
        state.withLock { state in
            let phase = state.progress.phase
            step(&state.progress)
            return state.progress.phase == phase ? nil : state.leave(phase)
        }
    }

    /// From now on it is not running.
    func end() -> (last: FinishedPhase, timings: JobTimings) {
        state.withLock { state in
            state.hasEnded = true
            let last = state.leave(state.progress.phase)
            return (last, JobTimings(seconds: state.phaseStart, phases: state.phases, speed: state.progress.speed))
        }
    }

    /// For the status; nil once it has ended.
    var job: Status.Job? {
        state.withLock { state in
            guard !state.hasEnded else { return nil }
            return Status.Job(
                fileID: fileID, fid: fid, name: name, phase: state.progress.phase, percent: state.progress.percent,
                speed: state.progress.speed, secondsLeft: state.progress.secondsLeft, attempt: attempt, startedAt: startedAt)
        }
    }

    var start: ContinuousClock.Instant { state.withLock { $0.progress.start } }
}

/// The duration of an attempt, in total and per phase, in seconds.
package struct JobTimings: Sendable {
    package var seconds = 0.0
    package var phases: [JobPhase: Double] = [:]
    /// Seconds of media transcoded per second.
    package var speed: Double?
}
