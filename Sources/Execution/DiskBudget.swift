internal import FoundationEssentials
internal import Glibc
internal import Jobs
package import MediaWire
package import Objects
internal import Platform
package import Site
internal import Synchronization
package import Verdicts
internal import WorkerConfiguration

/// The disk budget: what is free, the reserve, and what the running jobs may still write. May be used from any
/// thread; methods that query the disk block.
///
/// Before a file is analysed, its result is assumed to be as large as the source: rather too little, because the child's plan
/// corrects that within a second, whereas a file that is held back is never analysed. A plan that did not fit is
/// remembered, so that it is not tried again before there is enough space.
package final class DiskBudget: Sendable {
    /// More than available. In bytes.
    package struct InsufficientSpace: Error, Equatable {
        package let need: Int64
        package let free: Int64
        package let reserve: Int64
        /// What the running jobs may still write.
        package let promised: Int64

        /// The end of a sentence.
        package var why: String {
            let taken = promised > 0 ? ", \(ByteSize.text(promised)) promised to running jobs" : ""
            return """
                up to \(ByteSize.text(need)) needed, \(ByteSize.text(free)) free, \
                \(ByteSize.text(reserve)) of it kept free (reserve)\(taken)
                """
        }

        package var verdict: Verdict { Verdict(.noRoom(need: need, free: free, reserve: reserve, promised: promised)) }
    }

    private struct Job {
        /// Of the result, and of everything else written.
        var output: Int64
        let besides: Int64
        /// The reserve when it started.
        let reserve: Int64
        var written: Int64 = 0

        var need: Int64 { output.addingSaturated(besides) }
        var left: Int64 { max(0, need.subtractingSaturated(written)) }
    }

    private struct State {
        var reserve: Int64
        var jobs: [Int64: Job] = [:]
        /// Needs of plans that did not fit.
        var learned: [Int64: Int64] = [:]
    }

    private let state: Mutex<State>
    private let look: @Sendable () throws -> FreeSpace
    private let thread: BlockingThread
    private static let poster: Int64 = 1 << 20
    private static let mostLearned = 10_000

    init(reserve: Int, look: @escaping @Sendable () throws -> FreeSpace) throws(ThreadError) {
        thread = try BlockingThread()
        state = Mutex(State(reserve: Int64(reserve)))
        self.look = look
    }

    package func set(reserve: Int) { state.withLock { $0.reserve = Int64(reserve) } }

    /// Bytes that the running jobs may still write.
    package var promised: Int64 { state.withLock { $0.jobs.values.map(\.left).saturatedSum } }

    /// Nil if the disk cannot be queried: the jobs that need it report that.
    package func freeSpace() async -> FreeSpace? {
        let look = look
        return try? await thread.run { try look() }
    }

    package func shortage(of file: MediaFile, scrubs: Bool, in space: FreeSpace?) -> InsufficientSpace? {
        shortage(of: file.id, sourceSize: file.size ?? 0, scrubs: scrubs, in: space)
    }

    package func begin(_ file: MediaFile, scrubs: Bool) { begin(file.id, sourceSize: file.size ?? 0, scrubs: scrubs) }

    /// Why a job with a source of this size may not start; nil if it may.
    package func shortage(of fileID: Int64, sourceSize: Int64, scrubs: Bool, in space: FreeSpace?) -> InsufficientSpace? {
        guard let space else { return nil }
        return state.withLock { Self.shortage(job($0, fileID, sourceSize, scrubs), in: space, $0) }
    }

    /// Reserves its space. To be released by `end`.
    package func begin(_ fileID: Int64, sourceSize: Int64, scrubs: Bool) {
        state.withLock { $0.jobs[fileID] = job($0, fileID, sourceSize, scrubs) }
    }

    package func end(_ fileID: Int64) { state.withLock { _ = $0.jobs.removeValue(forKey: fileID) } }

    /// Checks how large a job's result has become, whatever its child reports.
    ///
    /// - Parameter output: the file being written.
    /// - Returns: why to stop the job, if the reserve is no longer free.
    package func look(at fileID: Int64, output: CInt?) -> InsufficientSpace? {
        let written = output.map { Self.size(of: $0) } ?? 0
        let job = state.withLock { state in
            if output != nil { state.jobs[fileID]?.written = written }
            return state.jobs[fileID]
        }
        guard let job, let space = try? look(), space.work < job.reserve else { return nil }
        return InsufficientSpace(need: job.left, free: space.work, reserve: job.reserve, promised: 0)
    }

    /// Takes the child's plan: how large its result may become.
    ///
    /// - Returns: why to stop the job, if its plan needs more space than there is.
    package func hear(_ message: MediaMessage, of fileID: Int64, limits: MediaLimits) -> InsufficientSpace? {
        // A child may send any number: it never gets more than a result may have.
        guard case .planned(let plan) = message, let size = plan.outputSize, let space = try? look() else { return nil }
        return state.withLock { state in
            guard var job = state.jobs.removeValue(forKey: fileID) else { return nil }
            job.output = Int64(min(max(size, 1), limits.outputSize))
            let shortage = Self.shortage(job, in: space, state)
            state.jobs[fileID] = job
            if shortage == nil {
                state.learned[fileID] = nil
            } else {
                if state.learned.count >= Self.mostLearned { state.learned = [:] }
                state.learned[fileID] = job.output
            }
            return shortage
        }
    }

    private func job(_ state: State, _ fileID: Int64, _ sourceSize: Int64, _ scrubs: Bool) -> Job {
        let size = max(sourceSize, 1)
        return Job(
            output: state.learned[fileID] ?? size, besides: Self.poster.addingSaturated(scrubs ? size : 0), reserve: state.reserve)
    }

    private static func shortage(_ job: Job, in space: FreeSpace, _ state: State) -> InsufficientSpace? {
        func shortage(free: Int64, need: Int64, promised: Int64) -> InsufficientSpace? {
            // Step by step: a reserve may be larger than any disk.
            let left = free.subtractingSaturated(promised)
            let isThere = left >= need && left.subtractingSaturated(need) >= state.reserve
            return isThere ? nil : InsufficientSpace(need: need, free: free, reserve: state.reserve, promised: promised)
        }
        let left = state.jobs.values.map(\.left).saturatedSum
        if let shortage = shortage(free: space.work, need: job.left, promised: left) { return shortage }
        // With a scratch folder elsewhere, nothing is here before all is copied.
        guard let storage = space.storage else { return nil }
        return shortage(free: storage, need: job.need, promised: state.jobs.values.map(\.need).saturatedSum)
    }

    private static func size(of descriptor: CInt) -> Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }
}
